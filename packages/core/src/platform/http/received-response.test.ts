import { describe, expect, it } from 'vitest';
import { toBytes } from '../encoding.js';
import { ReceivedResponse } from './received-response.js';

const text = '\ufeff{"a":"ü"}';
const init = { status: 201, statusText: 'Made', headers: { 'content-type': 'application/json' } };
const both = (): [string, Response][] => [
  ['received', new ReceivedResponse(toBytes(text), init)],
  ['standard', new Response(toBytes(text), init)],
];

/** What a program sees of a response, or the kind of error it gets. */
async function seen(run: () => unknown): Promise<unknown> {
  try {
    return await run();
  } catch (error) {
    return (error as Error).constructor.name;
  }
}

async function readStream({ body }: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body as unknown as AsyncIterable<Uint8Array>) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

type Steps = Record<string, (response: Response) => unknown>;
const steps: Steps = {
  status: (one) => [one.status, one.statusText, one.ok, one.type, [...one.headers]],
  text: (one) => one.text(),
  json: (one) => one.json(),
  arrayBuffer: async (one) => [...new Uint8Array(await one.arrayBuffer())],
  blob: async (one) => {
    const blob = await one.blob();
    return [blob.type, await blob.text()];
  },
  formData: (one) => one.formData(),
  'body as a stream': readStream,
  'body cancelled': (one) => one.body?.cancel(),
  'clone read': (one) => one.clone().text(),
  'clone, and its status': (one) => {
    const copy = one.clone();
    copy.body?.cancel().catch(() => undefined);
    return [copy.status, copy.statusText, [...copy.headers]];
  },
  bodyUsed: (one) => one.bodyUsed,
  'body is there': (one) => [one.body instanceof ReadableStream, one.body === one.body],
  'body locked': (one) => one.body?.locked,
  'reader taken': (one) => void one.body?.getReader(),
  'another response of its body': (one) => new Response(one.body, one).text(),
};
const names = Object.keys(steps);

describe('a received response', () => {
  it.each(names.flatMap((first) => names.map((second) => [first, second] as const)))(
    'is like a standard one in "%s", then "%s", then its use',
    async (first, second) => {
      const outcomes = both().map(async ([, response]) => {
        const run = async (name: string): Promise<unknown> =>
          await seen(() => steps[name]?.(response));
        return [await run(first), await run(second), response.bodyUsed, await run('text')];
      });
      const [received, standard] = await Promise.all(outcomes);
      expect(received).toEqual(standard);
    },
  );

  it('is a Response, and returns its bytes as copies', async () => {
    const bytes = toBytes('fine');
    const response = new ReceivedResponse(bytes, {});
    expect(response).toBeInstanceOf(Response);
    new Uint8Array(await response.clone().arrayBuffer()).fill(0);
    (await (response.clone() as ReceivedResponse).bytes()).fill(0);
    expect(await response.text()).toBe('fine');
  });

  it('may be empty', async () => {
    const response = new ReceivedResponse(new Uint8Array(), {});
    expect(await response.text()).toBe('');
    expect(await seen(() => new ReceivedResponse(new Uint8Array(), {}).json())).toBe('SyntaxError');
  });
});
