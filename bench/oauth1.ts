/**
 * Compares how fast libraries sign a typical OAuth 1.0a request: HMAC-SHA1, in the Authorization
 * header. Ends with the two ratios that matter, and with exit code 1 when one is missed.
 */
import { createHmac } from 'node:crypto';
import oauthSign from 'oauth-sign';
import { Bench } from 'tinybench';
import { bareMinimum, credentials, request, signers } from './signers.js';

/** The parameters of an Authorization header, decoded. */
function readHeader(header: string): Record<string, string> {
  const fields = header.matchAll(/(\w+)="([^"]*)"/g);
  return Object.fromEntries(
    [...fields].map(([, name = '', value = '']) => [name, decodeURIComponent(value)]),
  );
}

/** Computes what the signature of a header must be, apart from the library under test. */
function check(name: string, header: string): string {
  const { oauth_signature: signature, ...protocol } = readHeader(header);
  const { origin, pathname, searchParams } = new URL(request.url);
  const params = { ...Object.fromEntries(searchParams), ...protocol };
  const base = oauthSign.generateBase(request.method, origin + pathname, params);
  const key = `${credentials.clientSecret}&${credentials.tokenSecret}`;
  if (signature !== createHmac('sha1', key).update(base).digest('base64')) {
    throw new Error(`"${name}" signs wrongly.`);
  }
  return decodeURIComponent(base.split('&')[2] ?? '');
}

let normalized = '';
const bench = new Bench({ time: 1500, warmupTime: 500 });
for (const [name, sign] of Object.entries(signers)) {
  const signed = await sign();
  const header = typeof signed === 'string' ? signed : signed.headers['Authorization'];
  normalized = check(name, header ?? '');
  bench.add(name, sign);
}
const floor = 'HMAC and encoding alone';
bench.add(floor, () => bareMinimum(normalized));
await bench.run();

/** The median time of one signature, in microseconds. */
function median(name: string): number {
  const result = bench.getTask(name)?.result;
  if (result?.state !== 'completed') throw new Error(`"${name}" was not measured.`);
  return result.latency.p50 * 1000;
}

const [ours = '', ...others] = Object.keys(signers);
const rows = [ours, ...others, floor].map((name) => ({
  name,
  'µs (median)': median(name).toFixed(2),
  'times ours': (median(name) / median(ours)).toFixed(2),
}));
console.table(rows);

const fastest = others.toSorted((a, b) => median(a) - median(b))[0] ?? '';
const lead = median(fastest) / median(ours);
const overhead = median(ours) / median(floor);
console.log(
  `${lead.toFixed(2)} times as fast as the fastest other, ${fastest} (wanted: 1 or more)`,
);
console.log(`${overhead.toFixed(2)} times the ${floor} (wanted: 2 or less)`);
process.exitCode = lead >= 1 && overhead <= 2 ? 0 : 1;
