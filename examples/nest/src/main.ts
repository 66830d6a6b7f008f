import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import session from 'express-session';
import { AppController } from './app.controller.js';
import { OAuthErrorFilter } from './oauth-error.filter.js';
import { baseUrl, oauth } from './oauth.js';
import { logIn } from './session.js';
import type { OAuth2Token } from '@oauth-registry/express';

@Module({ controllers: [AppController] })
class AppModule {}

const { PORT = '3000', SESSION_SECRET = '' } = process.env;

const app = await NestFactory.create<NestExpressApplication>(AppModule, { logger: ['error'] });
app.set('trust proxy', 'loopback');
app.use(
  session({
    secret: SESSION_SECRET,
    resave: false,
    saveUninitialized: false,
    cookie: { sameSite: 'lax', secure: baseUrl.startsWith('https:') },
  }),
);
// The drop-in routes: a sign-in page at /auth/login, and a login and a callback for every client.
app.use(
  '/auth',
  oauth.routes({ onLogin: ({ request, token }) => logIn(request, token as OAuth2Token) }),
);
app.useGlobalFilters(new OAuthErrorFilter());
await app.listen(Number(PORT), 'localhost');
console.log(`Open ${baseUrl}`);
