/**
 * Compares the CPU time of an OAuth 1.0a login on Express with express-session, ours and written by hand:
 * temporary credentials, callback, token credentials and the profile. Ends with exit code 1 if the ratio is
 * above its limit.
 *
 * `node dist/oauth1-login.js [rounds] [logins per round]`; `LOGIN_PROFILE` as in login.ts.
 */
import { compareLogins } from './login-rounds.js';

const [rounds = 15, logins = 200] = process.argv.slice(2).map(Number);
await compareLogins({
  provider: 'oauth1-provider',
  subjects: ['OAuth 1 floor', 'OAuth 1, session'],
  limits: [['OAuth 1, session', 'OAuth 1 floor', 1.3]],
  rounds,
  logins,
});
