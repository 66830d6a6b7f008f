import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { OAuth } from '@oauth-registry/express';
import type { LogoutEvent } from '@oauth-registry/core/types';
import express from 'express';
import session from 'express-session';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Browser } from '../../support/browser.js';
import { startOidcProvider, type RealProvider } from './oidc-provider.js';

const clientSecret = 'a secret of thirty-two characters';

let real: RealProvider;
let app: { url: string; close(): Promise<void> };
const events: LogoutEvent[] = [];

beforeAll(async () => {
  const web = express();
  const server = createServer(web);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  real = await startOidcProvider({
    clients: [
      {
        client_id: 'web',
        client_secret: clientSecret,
        redirect_uris: [`${url}/callback/corp`],
        post_logout_redirect_uris: [`${url}/logged-out`],
        backchannel_logout_uri: `${url}/backchannel`,
        backchannel_logout_session_required: true,
      },
    ],
    configuration: {
      // Its own refuses addresses of this machine.
      fetch: (address, options) =>
        fetch(address, { ...options, dispatcher: undefined } as RequestInit),
      features: {
        backchannelLogout: { enabled: true },
        rpInitiatedLogout: {
          enabled: true,
          // The person agrees at once.
          logoutSource: (context, form) => {
            const submit = '<input type="hidden" name="logout" value="yes"/></form>';
            context.body = `<body onload="document.forms[0].submit()">${form.replace('</form>', submit)}</body>`;
          },
        },
      },
    },
  });
  const oauth = new OAuth({ config: {}, baseUrl: url }).register('corp', {
    clientId: 'web',
    clientSecret,
    issuer: real.issuer,
    scope: 'openid',
    onBackchannelLogout: (event) => void events.push(event),
  });
  web.use(session({ secret: clientSecret, resave: false, saveUninitialized: false }));
  web.get('/login', (req, res) => oauth.corp.authorizeRedirect(req, res));
  web.get('/callback/corp', async (req, res) => {
    const token = await oauth.corp.authorizeAccessToken(req);
    Object.assign(req.session, { idToken: token.id_token });
    res.send(token.userinfo?.sub);
  });
  web.get('/logout', async (req, res) => {
    const { idToken } = req.session as { idToken?: string };
    await oauth.corp.logoutRedirect(req, res, '/logged-out', { id_token_hint: idToken });
  });
  web.get('/logged-out', async (req, res) => {
    res.json(await oauth.corp.validateLogoutResponse(req));
  });
  web.post('/backchannel', (req, res) => oauth.corp.logout.backchannelLogout(req, res));
  app = {
    url,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
});
afterAll(() => Promise.all([app.close(), real.close()]));

describe('logging out at oidc-provider', () => {
  it('[A24] [X12] ends the session there, comes back, and is told through the back channel', async () => {
    const browser = new Browser();
    expect((await browser.follow(`${app.url}/login`)).text()).toBe('user-1');
    let page = await browser.follow(`${app.url}/logout`);
    if (page.url.origin === real.issuer) {
      const action = /action="([^"]+)"/.exec(page.text())?.[1] ?? '';
      const xsrf = /name="xsrf" value="([^"]+)"/.exec(page.text())?.[1] ?? '';
      const next = await browser.post(action, { xsrf, logout: 'yes' }, { from: page.url });
      page = await browser.continue(next);
    }
    expect(page.json()).toMatchObject({ postLogoutRedirectUri: `${app.url}/logged-out` });
    expect(events).toMatchObject([{ client: 'corp', iss: real.issuer, sub: 'user-1' }]);
    expect(events[0]?.sid).toBeTypeOf('string');
  });
});
