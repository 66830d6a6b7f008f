/**
 * Compares the CPU time of one fully checked OpenID Connect login: ours on Express and Fastify, a floor
 * written by hand on Express, openid-client on Express with its signature checks, and @fastify/oauth2, which
 * makes two of the checks. Ends with exit code 1 if a ratio is above its limit.
 *
 * `node dist/login.js [rounds] [logins per round] [subjects…]`; with `LOGIN_PROFILE=directory`, the
 * applications write CPU profiles there.
 */
import { compareLogins } from './login-rounds.js';

const [rounds = 15, logins = 200] = process.argv.slice(2, 4).map(Number);
const wanted = process.argv.slice(4);

const subjects = [
  'floor',
  'Express, session',
  'Express, cookie',
  'openid-client, fetch',
  'openid-client, node:http',
  '@fastify/oauth2',
  'Fastify, session',
  'Fastify, cookie',
];
await compareLogins({
  provider: 'login-provider',
  subjects: wanted.length === 0 ? subjects : wanted,
  limits: [
    ['Express, session', 'floor', 1.6],
    ['Express, cookie', 'floor', 1.6],
    ['Express, session', 'openid-client, fetch', 0.78],
    ['Express, session', 'openid-client, node:http', 1.1],
    ['Fastify, cookie', '@fastify/oauth2', 1.3],
    ['Fastify, session', '@fastify/oauth2', 1.3],
  ],
  rounds,
  logins,
});
