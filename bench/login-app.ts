/**
 * One application of login.ts, in a process of its own: the name of its subject and the issuer are its
 * arguments. It sends its URL, and its CPU time for each message.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { OAuth } from '@oauth-registry/express';
import express, { type Express } from 'express';
import session from 'express-session';
import { floor } from './login-floor.js';

const [, , subject = '', issuer = ''] = process.argv;
const secret = 'a secret of thirty-two characters';
const client = { clientId: 'app', clientSecret: 'the secret of the client' };

const app = express();
const server = createServer(app);
server.listen(0, '127.0.0.1', () => {
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  if (subject !== 'sealed cookie') {
    app.use(session({ secret, resave: false, saveUninitialized: false }));
  }
  if (subject === 'floor') floor(app, { ...client, issuer, redirectUri: `${url}/callback` });
  else ours(app, url);
  process.send?.({ url });
});
process.on('message', () => {
  const { user, system } = process.cpuUsage();
  process.send?.({ cpu: user + system });
});
process.on('disconnect', () => process.exit());

function ours(on: Express, url: string): void {
  const { corp } = new OAuth({
    config: {},
    baseUrl: url,
    ...(subject === 'sealed cookie' ? { secret, stateStorage: 'cookie' } : {}),
  }).register('corp', {
    ...client,
    serverMetadataUrl: `${issuer}/.well-known/openid-configuration`,
    scope: 'openid email',
  });
  on.get('/login', async (req, res) => {
    await corp.authorizeRedirect(req, res, `${url}/callback`);
  });
  on.get('/callback', async (req, res) => {
    const token = await corp.authorizeAccessToken(req, res);
    const { sub } = await corp.userinfo({ token });
    res.json({ sub });
  });
}
