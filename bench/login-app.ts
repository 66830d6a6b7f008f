/**
 * One application of the login benchmarks, in a process of its own: the name of its subject and the issuer
 * are its arguments. It loads only the modules of its subject.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { App } from './login-subject.js';
import { sendMeasurements } from './processes.js';

const express = () => import('./login-express.js');
const fastify = () => import('./login-fastify.js');
const openid = () => import('./login-openid-client.js');
const oauth1 = () => import('./login-oauth1.js');

const apps: Readonly<Record<string, () => Promise<App>>> = {
  floor: async () => (await express()).floorApp,
  'Express, session': async () => (await express()).sessionApp,
  'Express, cookie': async () => (await express()).cookieApp,
  'Fastify, session': async () => (await fastify()).sessionApp,
  'Fastify, cookie': async () => (await fastify()).cookieApp,
  '@fastify/oauth2': async () => (await import('./login-fastify-oauth2.js')).fastifyOAuth2App,
  'openid-client, fetch': async () => (await openid()).fetchApp,
  'openid-client, node:http': async () => (await openid()).nodeApp,
  'OAuth 1 floor': async () => (await oauth1()).floorApp,
  'OAuth 1, session': async () => (await oauth1()).sessionApp,
};

const [, , subject = '', issuer = ''] = process.argv;
const load = apps[subject];
if (!load) throw new Error(`There is no subject "${subject}".`);
const app = await load();
const server = createServer();
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
const client = { clientId: 'app', clientSecret: 'the secret of the client' };
await app(server, { ...client, url, redirectUri: `${url}/callback`, issuer });
sendMeasurements(url);
