import * as fc from 'fast-check';

/** A request to sign, put together from random parts that a server would see decoded. */
export interface RandomRequest {
  method: string;
  /** As an application might write it: any case, default ports, raw characters. */
  url: string;
  body: string | null;
  /** The parameters of query and form, decoded. */
  params: [name: string, value: string][];
  clientSecret: string;
  tokenSecret: string;
  nonce: string;
  timestamp: string;
}

/** Text of every kind: ASCII that encoders disagree about, and all of Unicode. */
const word = fc.oneof(
  fc.constantFrom('', 'a', 'A', 'b', 'a-b', 'a1', '10', '2', 'é', 'z', '~', 'realm', 'oauth_x'),
  fc.string({
    unit: fc.constantFrom(...`aZ09-._~!*'()+%=&;:@/?#[]{}"<>\\^|\` $,\r\n\t\0`),
    maxLength: 8,
  }),
  fc.string({ unit: 'binary', maxLength: 6 }),
);

const percent = (text: string): string => encodeURIComponent(text);
/** Three ways to write the same parameter, all of which servers decode alike. */
const encoders: ((text: string) => string)[] = [
  percent,
  (text) => percent(text).replaceAll('%20', '+'),
  (text) => percent(text).replace(/%[\dA-F]{2}/g, (escape) => escape.toLowerCase()),
];

const paramName = fc.oneof(fc.constantFrom('a', 'a-b', 'a1', 'A', 'count', 'user_id'), word);
const param = fc.record({ name: paramName, value: word, encode: fc.constantFrom(...encoders) });
type Param = typeof param extends fc.Arbitrary<infer T> ? T : never;

// Names are drawn from few words too, so that many occur twice.
const paramList = fc.array(param, { maxLength: 6 });

function write(params: readonly Param[]): string {
  return params.map(({ name, value, encode }) => `${encode(name)}=${encode(value)}`).join('&');
}

const host = fc.constantFrom(
  'api.example',
  'API.Example',
  'a-b.example',
  '127.0.0.1',
  '[::1]',
  'bücher.example',
);
const port = fc.constantFrom('', ':80', ':443', ':8080', ':1');
const plainSegment = fc.constantFrom('a', 'B', '1.1', 'x_y-z.json');
const oddSegment = fc.constantFrom('a b', '%7E', '%c3%a9', 'é', '~', "x'(1)*!", 'a;b=1', '@:');
const path = fc
  .oneof(
    fc.array(plainSegment, { minLength: 1, maxLength: 3 }),
    fc.array(fc.oneof(plainSegment, oddSegment), { maxLength: 3 }),
  )
  .map((segments) => segments.map((segment) => `/${segment}`).join(''));

const method = fc.constantFrom('GET', 'post', 'Put', 'PATCH', 'DELETE', 'HEAD', 'PURGE');

export const randomRequest: fc.Arbitrary<RandomRequest> = fc
  .record({
    method,
    scheme: fc.constantFrom('http', 'https', 'HTTPS'),
    host,
    port,
    path,
    query: fc.option(paramList),
    form: fc.option(paramList),
    fragment: fc.constantFrom('', '#top'),
    clientSecret: word,
    tokenSecret: word,
    nonce: word,
    timestamp: fc.integer({ min: 1, max: 2 ** 40 }).map(String),
  })
  .map(({ scheme, host: name, port: number, path: below, query, form, fragment, ...rest }) => {
    const search = query === null ? '' : `?${write(query)}`;
    const sent = [...(query ?? []), ...(form ?? [])];
    // A field without name and value, as in "?=", is a parameter; one without "=" would be none.
    const params = sent.map(({ name: key, value }): [string, string] => [key, value]);
    const url = `${scheme}://${name}${number}${below}${search}${fragment}`;
    return { ...rest, url, body: form === null ? null : write(form), params };
  });
