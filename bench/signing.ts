/**
 * Compares the CPU time of an OAuth 1.0a signature: HMAC-SHA1 in the Authorization header, of a GET with a
 * query and of a POST with a form, by hand and with other libraries. Ends with exit code 1 if a ratio is
 * above its limit.
 *
 * `node dist/signing.js [rounds] [signatures per round]`
 */
import { createHmac } from 'node:crypto';
import oauthSign from 'oauth-sign';
import { measure, show, showRatios } from './rounds.js';
import { byHand, credentials, onlyQueries, requests, signers, type ApiRequest } from './signers.js';

const [rounds = 25, count = 4000] = process.argv.slice(2).map(Number);

for (const request of Object.values<ApiRequest>(requests)) {
  const subjects = [];
  for (const [signer, sign] of Object.entries(signers)) {
    if (request.body && onlyQueries.has(signer)) continue;
    const signed = await sign(request);
    check(signer, request, typeof signed === 'string' ? signed : signed.headers['Authorization']);
    const call = () => sign(request);
    subjects.push({ name: `${signer}, ${request.method}`, call, costs: [] });
  }
  await measure(subjects, { rounds, count, warmUp: 20_000, parallel: 1 });
  show(subjects);
  const { method } = request;
  showRatios(subjects, [
    [`oauth-registry, ${method}`, `${byHand}, ${method}`, 1],
    [`oauth-registry, ${method}`, `oauth-1.0a, ${method}`, 1],
  ]);
}

/** Compares a signature with one that another library computes of the same parameters. */
function check(signer: string, { method, url, body }: ApiRequest, header = ''): void {
  const fields = [...header.matchAll(/(\w+)="([^"]*)"/g)];
  const { oauth_signature: signature, ...protocol } = Object.fromEntries(
    fields.map(([, name = '', value = '']) => [name, decodeURIComponent(value)]),
  );
  const { origin, pathname, searchParams } = new URL(url);
  const params = { ...Object.fromEntries([...searchParams, ...(body ?? [])]), ...protocol };
  const base = oauthSign.generateBase(method, origin + pathname, params);
  const key = `${credentials.clientSecret}&${credentials.tokenSecret}`;
  if (signature === createHmac('sha1', key).update(base).digest('base64')) return;
  throw new Error(`"${signer}" signs a ${method} wrongly.`);
}
