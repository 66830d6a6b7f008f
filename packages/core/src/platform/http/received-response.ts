import type { HeadersInit } from '../../model/web-types.js';

type Bytes = Uint8Array<ArrayBuffer>;

const utf8 = /* @__PURE__ */ new TextDecoder();

/**
 * A response whose body has been received. A standard `Response` reads even a few bytes through a stream, at
 * the cost of a whole request; here there is a stream only if the application uses it.
 *
 * @see https://fetch.spec.whatwg.org/#body-mixin
 */
export class ReceivedResponse extends Response {
  readonly #bytes: Bytes;
  readonly #given: HeadersInit | undefined;
  #headers: Headers | undefined;
  #isRead = false;
  #streamed: Response | undefined;

  constructor(bytes: Bytes, { headers, ...init }: ResponseInit) {
    super(null, init);
    this.#bytes = bytes;
    this.#given = headers;
  }

  /** Copied when they are read, which is seldom. */
  override get headers(): Headers {
    this.#headers ??= new Headers(this.#given);
    return this.#headers;
  }

  override get body(): Response['body'] {
    return this.#asStream().body;
  }

  override get bodyUsed(): boolean {
    return this.#isRead || (this.#streamed?.bodyUsed ?? false);
  }

  override async text(): Promise<string> {
    return this.#streamed ? await this.#streamed.text() : utf8.decode(this.#take());
  }

  override async json(): Promise<unknown> {
    return JSON.parse(await this.text());
  }

  override async arrayBuffer(): Promise<ArrayBuffer> {
    return this.#streamed ? await this.#streamed.arrayBuffer() : this.#take().slice().buffer;
  }

  override async bytes(): Promise<Bytes> {
    return new Uint8Array(await this.arrayBuffer());
  }

  override async blob(): Promise<Blob> {
    return await this.#asStream().blob();
  }

  override async formData(): ReturnType<Response['formData']> {
    return await this.#asStream().formData();
  }

  override clone(): Response {
    if (this.#isRead || this.#streamed) return this.#asStream().clone();
    const { status, statusText, headers } = this;
    return new ReceivedResponse(this.#bytes, { status, statusText, headers });
  }

  #take(): Bytes {
    if (this.#isRead) throw new TypeError('The body of the response has been read already.');
    this.#isRead = true;
    return this.#bytes;
  }

  #asStream(): Response {
    if (this.#streamed) return this.#streamed;
    const { status, statusText, headers } = this;
    this.#streamed = new Response(this.#bytes.slice(), { status, statusText, headers });
    // Its stream has been read, too.
    if (this.#isRead) void this.#streamed.arrayBuffer();
    return this.#streamed;
  }
}
