/** OAuth 1.0a logins on Express: ours, and the floor that is written by hand. */
import { OAuth } from '@oauth-registry/express';
import express from 'express';
import type { App } from './login-subject.js';
import { expressSession } from './login-express.js';
import { oauth1Floor } from './oauth1-floor.js';

/** The login written by hand. */
export const floorApp: App = (server, options) => {
  const app = express().use(expressSession());
  oauth1Floor(app, options);
  server.on('request', app);
};

/** Ours, with the pending login in express-session. */
export const sessionApp: App = (server, { url, redirectUri, issuer, ...client }) => {
  const app = express().use(expressSession());
  const { photos } = new OAuth({ config: {}, baseUrl: url }).register('photos', {
    ...client,
    requestTokenUrl: `${issuer}/request`,
    authorizeUrl: `${issuer}/authorize`,
    accessTokenUrl: `${issuer}/access`,
    userinfoEndpoint: `${issuer}/user`,
  });
  app.get('/login', async (req, res) => {
    await photos.authorizeRedirect(req, res, redirectUri);
  });
  app.get('/callback', async (req, res) => {
    const token = await photos.authorizeAccessToken(req, res);
    const { sub } = await photos.userinfo({ token });
    res.json({ sub });
  });
  server.on('request', app);
};
