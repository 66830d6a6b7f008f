/**
 * An OAuth 1.0a login written by hand for one provider on `node:http` and `node:crypto`, with the checks
 * that ours has: single use, `oauth_callback_confirmed`, and a callback with the request token and a
 * verifier of this browser's login.
 */
import { Agent, request } from 'node:http';
import type { Express } from 'express';
import type { FloorOptions } from './login-floor.js';
import { signByHand, type CredentialsByHand } from './sign-by-hand.js';

declare module 'express-session' {
  interface SessionData {
    temporary: { token: string; secret: string };
  }
}

const agent = new Agent({ keepAlive: true });

export function oauth1Floor(app: Express, options: FloorOptions): void {
  const { clientId, clientSecret, issuer, redirectUri } = options;
  const client = { clientId, clientSecret };

  app.get('/login', async (req, res) => {
    const params = { oauth_callback: redirectUri };
    const { token, secret, fields } = await credentials(`${issuer}/request`, client, params);
    if (fields.get('oauth_callback_confirmed') !== 'true') fail('oauth_callback_confirmed');
    req.session.temporary = { token, secret };
    const url = `${issuer}/authorize?oauth_token=${encodeURIComponent(token)}`;
    req.session.save(() => res.redirect(url));
  });

  app.get('/callback', async (req, res) => {
    const { temporary } = req.session;
    delete req.session.temporary;
    await new Promise<void>((resolve) => req.session.save(() => resolve()));
    const { oauth_token: given, oauth_verifier: verifier } = req.query;
    if (!temporary || given !== temporary.token) return fail('oauth_token');
    if (typeof verifier !== 'string' || verifier === '') return fail('oauth_verifier');
    const before = { ...client, token: temporary.token, tokenSecret: temporary.secret };
    const params = { oauth_verifier: verifier };
    const { token, secret } = await credentials(`${issuer}/access`, before, params);
    const url = `${issuer}/user`;
    const signer = { ...client, token, tokenSecret: secret };
    const text = await send('GET', url, signByHand({ method: 'GET', url }, signer));
    const { sub } = JSON.parse(text) as { sub: string };
    res.json({ sub });
  });
}

async function credentials(
  url: string,
  signer: CredentialsByHand,
  params: Record<string, string>,
): Promise<{ token: string; secret: string; fields: URLSearchParams }> {
  const header = signByHand({ method: 'POST', url }, signer, params);
  const fields = new URLSearchParams(await send('POST', url, header));
  const [token, ...others] = fields.getAll('oauth_token');
  const secret = fields.get('oauth_token_secret');
  if (!token || !secret || others.length > 0) return fail('credentials');
  return { token, secret, fields };
}

function fail(what: string): never {
  throw new Error(`The login failed at ${what}.`);
}

function send(method: string, url: string, authorization: string): Promise<string> {
  const headers = { authorization, ...(method === 'POST' ? { 'content-length': '0' } : {}) };
  return new Promise((resolve, reject) => {
    request(url, { method, headers, agent }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (piece: string) => (text += piece));
      response.on('error', reject).on('end', () => {
        if (response.statusCode === 200) resolve(text);
        else reject(new Error(`${url}: HTTP ${response.statusCode} ${text}`));
      });
    })
      .on('error', reject)
      .end();
  });
}
