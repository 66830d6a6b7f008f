/**
 * A login written by hand for one provider on `node:http`, with every check that ours has: single use,
 * PKCE, `state`, `iss` (RFC 9207), the id_token's signature and algorithm, `iss`, `aud`, `exp`, `nonce`
 * and `at_hash`, and the `sub` of userinfo.
 */
import { createHash, createPublicKey, randomBytes, verify, type KeyObject } from 'node:crypto';
import { Agent, request } from 'node:http';
import type { Express } from 'express';

declare module 'express-session' {
  interface SessionData {
    pending: { state: string; nonce: string; verifier: string };
  }
}

export interface FloorOptions {
  clientId: string;
  clientSecret: string;
  issuer: string;
  redirectUri: string;
}

const agent = new Agent({ keepAlive: true });
type Json = Record<string, unknown>;

export function floor(app: Express, options: FloorOptions): void {
  const { clientId, clientSecret, issuer, redirectUri } = options;
  const basic = `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`;
  const keys = new Map<unknown, KeyObject>();

  async function keyOf(kid: unknown): Promise<KeyObject> {
    if (keys.size === 0) {
      const set = await send(`${issuer}/jwks`, {});
      for (const jwk of set['keys'] as Json[]) {
        keys.set(jwk['kid'], createPublicKey({ key: jwk as never, format: 'jwk' }));
      }
    }
    return keys.get(kid) ?? fail('kid');
  }

  async function claimsOf(idToken: unknown, nonce: string, accessToken: string): Promise<Json> {
    if (typeof idToken !== 'string') return fail('id_token');
    const [head = '', body = '', signature = ''] = idToken.split('.');
    const { alg, kid } = decode(head);
    if (alg !== 'RS256') fail('alg');
    const signed = Buffer.from(`${head}.${body}`);
    const key = await keyOf(kid);
    if (!verify('sha256', signed, key, Buffer.from(signature, 'base64url'))) fail('signature');
    const claims = decode(body);
    if (claims['iss'] !== issuer) fail('iss');
    if (![claims['aud']].flat().includes(clientId)) fail('aud');
    if (Number(claims['exp']) <= Date.now() / 1000) fail('exp');
    if (claims['nonce'] !== nonce) fail('nonce');
    const hash = createHash('sha256').update(accessToken).digest().subarray(0, 16);
    if (claims['at_hash'] !== hash.toString('base64url')) fail('at_hash');
    return claims;
  }

  app.get('/login', (req, res) => {
    const [state, nonce, verifier] = [0, 1, 2].map(() => randomBytes(32).toString('base64url')) as [
      string,
      string,
      string,
    ];
    req.session.pending = { state, nonce, verifier };
    const url = new URL(`${issuer}/authorize`);
    url.search = String(
      new URLSearchParams({
        response_type: 'code',
        client_id: clientId,
        redirect_uri: redirectUri,
        scope: 'openid email',
        state,
        nonce,
        code_challenge: createHash('sha256').update(verifier).digest('base64url'),
        code_challenge_method: 'S256',
      }),
    );
    req.session.save(() => res.redirect(url.href));
  });

  app.get('/callback', async (req, res) => {
    const { pending } = req.session;
    delete req.session.pending;
    await new Promise<void>((resolve) => req.session.save(() => resolve()));
    const { code, state, iss } = req.query;
    if (!pending || state !== pending.state || iss !== issuer) return fail('state');
    const form = new URLSearchParams({
      grant_type: 'authorization_code',
      code: String(code),
      redirect_uri: redirectUri,
      code_verifier: pending.verifier,
    });
    const headers = {
      authorization: basic,
      'content-type': 'application/x-www-form-urlencoded',
    };
    const token = await send(`${issuer}/token`, headers, String(form));
    const accessToken = String(token['access_token']);
    const claims = await claimsOf(token['id_token'], pending.nonce, accessToken);
    const authorization = `Bearer ${accessToken}`;
    const { sub } = await send(`${issuer}/userinfo`, { authorization });
    if (sub !== claims['sub']) fail('sub');
    res.json({ sub });
  });
}

function decode(part: string): Json {
  return JSON.parse(Buffer.from(part, 'base64url').toString()) as Json;
}

function fail(what: string): never {
  throw new Error(`The login failed at ${what}.`);
}

/** Sends a GET, or a POST if there is a body. */
function send(url: string, headers: Record<string, string>, body?: string): Promise<Json> {
  return new Promise((resolve, reject) => {
    request(url, { method: body === undefined ? 'GET' : 'POST', headers, agent }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (piece: string) => (text += piece));
      response.on('error', reject).on('end', () => {
        if (response.statusCode === 200) resolve(JSON.parse(text) as Json);
        else reject(new Error(`${url}: HTTP ${response.statusCode}`));
      });
    })
      .on('error', reject)
      .end(body);
  });
}
