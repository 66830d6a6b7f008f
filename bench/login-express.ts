/** Logins on Express: ours, and the floor that is written by hand. */
import { OAuth, type OAuthOptions } from '@oauth-registry/express';
import express from 'express';
import session from 'express-session';
import { secret, type App } from './login-subject.js';
import { floor } from './login-floor.js';

/** Applications on Express have this session, if any. */
export const expressSession = () => session({ secret, resave: false, saveUninitialized: false });

/** The login written by hand. */
export const floorApp: App = (server, options) => {
  const app = express().use(expressSession());
  floor(app, options);
  server.on('request', app);
};

/** Ours, with the pending login in express-session. */
export const sessionApp: App = ours({});

/** Ours, with the pending login in an encrypted cookie. */
export const cookieApp: App = ours({ secret, stateStorage: 'cookie' });

function ours(registry: OAuthOptions): App {
  return (server, { url, redirectUri, issuer, ...client }) => {
    const app = express();
    if (registry.stateStorage !== 'cookie') app.use(expressSession());
    const { corp } = new OAuth({ config: {}, baseUrl: url, ...registry }).register('corp', {
      ...client,
      serverMetadataUrl: `${issuer}/.well-known/openid-configuration`,
      scope: 'openid email',
    });
    app.get('/login', async (req, res) => {
      await corp.authorizeRedirect(req, res, redirectUri);
    });
    app.get('/callback', async (req, res) => {
      const token = await corp.authorizeAccessToken(req, res);
      const { sub } = await corp.userinfo({ token });
      res.json({ sub });
    });
    server.on('request', app);
  };
}
