/** The same login with openid-client on Express, with its signature checks. */
import { Agent, request } from 'node:http';
import express from 'express';
import * as openid from 'openid-client';
import { expressSession } from './login-express.js';
import type { App } from './login-subject.js';

/** On the global `fetch`. */
export const fetchApp: App = openidClient();

/** On a `customFetch` over `node:http`. */
export const nodeApp: App = openidClient(fetchOverNode(new Agent({ keepAlive: true })));

function openidClient(customFetch?: openid.CustomFetch): App {
  return async (server, { url, redirectUri, issuer, clientId, clientSecret }) => {
    const config = await openid.discovery(
      new URL(issuer),
      clientId,
      {},
      openid.ClientSecretBasic(clientSecret),
      {
        execute: [openid.allowInsecureRequests, openid.enableNonRepudiationChecks],
        ...(customFetch ? { [openid.customFetch]: customFetch } : {}),
      },
    );
    const app = express().use(expressSession());
    app.get('/login', async (req, res) => {
      const verifier = openid.randomPKCECodeVerifier();
      const pending = { state: openid.randomState(), nonce: openid.randomNonce(), verifier };
      req.session.pending = pending;
      const location = openid.buildAuthorizationUrl(config, {
        redirect_uri: redirectUri,
        scope: 'openid email',
        state: pending.state,
        nonce: pending.nonce,
        code_challenge: await openid.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
      });
      req.session.save(() => res.redirect(location.href));
    });
    app.get('/callback', async (req, res) => {
      const { pending } = req.session;
      delete req.session.pending;
      await new Promise<void>((resolve) => req.session.save(() => resolve()));
      if (!pending) throw new Error('There is no pending login.');
      const token = await openid.authorizationCodeGrant(config, new URL(req.url, url), {
        pkceCodeVerifier: pending.verifier,
        expectedState: pending.state,
        expectedNonce: pending.nonce,
        idTokenExpected: true,
      });
      const expected = token.claims()?.sub ?? '';
      const { sub } = await openid.fetchUserInfo(config, token.access_token, expected);
      res.json({ sub });
    });
    server.on('request', app);
  };
}

/** A `fetch` of the least that openid-client needs, with connections that stay open. */
function fetchOverNode(agent: Agent): openid.CustomFetch {
  return (url, { method, headers, body }) =>
    new Promise((resolve, reject) => {
      request(url, { method, headers, agent }, (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on('error', reject).on('data', (chunk: Buffer) => chunks.push(chunk));
        incoming.on('end', () => {
          const { statusCode: status = 0, headers: received } = incoming;
          resolve(
            new Response(Buffer.concat(chunks), { status, headers: received as HeadersInit }),
          );
        });
      })
        .on('error', reject)
        .end(body?.toString());
    });
}
