import { createSocket } from 'node:dgram';
import { getServers, setServers } from 'node:dns';

/** A domain name system on this machine, for as long as a test file runs. */
export interface TestDns {
  /** The TXT records, by name. */
  readonly txt: Map<string, string[]>;
  close(): void;
}

/** Starts a name server that knows TXT records only, and makes this process ask it. */
export async function startDns(): Promise<TestDns> {
  const txt = new Map<string, string[]>();
  const before = getServers();
  const socket = createSocket('udp4');
  socket.on('message', (query, { address, port }) => {
    const [name, end] = readName(query);
    const records = txt.get(name) ?? [];
    const header = Buffer.alloc(12);
    query.copy(header, 0, 0, 2);
    header.writeUInt16BE(records.length > 0 ? 0x8180 : 0x8183, 2);
    header.writeUInt16BE(1, 4);
    header.writeUInt16BE(records.length, 6);
    const answers = records.map(writeTxt);
    const question = query.subarray(12, end + 4);
    socket.send(Buffer.concat([header, question, ...answers]), port, address);
  });
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  setServers([`127.0.0.1:${socket.address().port}`]);
  return {
    txt,
    close: () => {
      setServers(before);
      socket.close();
    },
  };
}

/** RFC 1035 §3.1: labels, each with its length before it. */
function readName(query: Buffer): [name: string, end: number] {
  const labels: string[] = [];
  let at = 12;
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  return [labels.join('.').toLowerCase(), at + 1];
}

/** RFC 1035 §3.3.14; the name is the one of the question. */
function writeTxt(text: string): Buffer {
  const data = Buffer.concat([Buffer.from([text.length]), Buffer.from(text, 'latin1')]);
  const fixed = Buffer.from([0xc0, 12, 0, 16, 0, 1, 0, 0, 0, 60, 0, data.length]);
  return Buffer.concat([fixed, data]);
}
