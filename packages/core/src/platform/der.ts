/** A DER element: its tag and its content. */
export interface DerElement {
  tag: number;
  content: Uint8Array;
}

/** The DER tags in private keys (X.690 §8). */
export const derTags = {
  integer: 0x02,
  octetString: 0x04,
  objectId: 0x06,
  null: 0x05,
  sequence: 0x30,
  /** Context-specific element `[0]`. */
  first: 0xa0,
} as const;

/** Parses consecutive DER elements; returns `undefined` if the bytes are not DER. */
export function readDer(bytes: Uint8Array): DerElement[] | undefined {
  const elements: DerElement[] = [];
  for (let rest = bytes; rest.length > 0;) {
    const tag = rest[0];
    const length = readLength(rest);
    if (tag === undefined || length === undefined) return undefined;
    const end = length.start + length.size;
    if (end > rest.length) return undefined;
    elements.push({ tag, content: rest.subarray(length.start, end) });
    rest = rest.subarray(end);
  }
  return elements;
}

/** Parses the length after a tag: short form, or up to three bytes (X.690 §8.1.3). */
function readLength(bytes: Uint8Array): { start: number; size: number } | undefined {
  const first = bytes[1];
  if (first === undefined) return undefined;
  if (first < 0x80) return { start: 2, size: first };
  const start = 2 + (first & 0x7f);
  if (start < 3 || start > 5 || start > bytes.length) return undefined;
  return { start, size: bytes.subarray(2, start).reduce((size, byte) => size * 256 + byte, 0) };
}

/** Encodes one DER element. */
export function writeDer(tag: number, content: Uint8Array): Uint8Array<ArrayBuffer> {
  const size = content.length;
  const bytes = [size & 0xff, (size >> 8) & 0xff, (size >> 16) & 0xff];
  const count = size < 0x80 ? 0 : size < 0x100 ? 1 : size < 0x10000 ? 2 : 3;
  const length = count === 0 ? [size] : [0x80 | count, ...bytes.slice(0, count).toReversed()];
  return Uint8Array.from([tag, ...length, ...content]);
}
