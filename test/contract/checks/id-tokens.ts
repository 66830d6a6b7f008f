import assert from 'node:assert/strict';
import { assertLoggedIn, logIn, outcome } from '../steps.js';
import type { ContractCheck } from '../types.js';

/** id_tokens that do not belong to the login. */
export const idTokens: readonly ContractCheck[] = [
  {
    id: 'id-token-missing',
    clause: 'OpenID Connect Core §3.1.3.3',
    title: 'openid was asked for, so an id_token must come',
    async run({ start, p }) {
      p.quirks.tokenResponse = 'no-id-token';
      const visit = await logIn(await start());
      assert.deepEqual(outcome(visit), { status: 502, code: 'invalid_id_token' });
    },
  },
  {
    id: 'id-token-of-another-provider',
    clause: 'RFC 9700 §4.4',
    title: 'another provider’s valid id_token is refused',
    async run({ start, p, q }) {
      const app = await start();
      let stolen: unknown;
      q.idToken = ({ sign }) => (stolen = sign());
      assertLoggedIn(await logIn(app, 'other'));
      p.idToken = () => stolen;
      assert.deepEqual(outcome(await logIn(app)), { status: 502, code: 'invalid_id_token' });
    },
  },
  {
    id: 'id-token-of-another-client',
    clause: 'OpenID Connect Core §3.1.3.7',
    title: 'an id_token for another client of the same provider is refused',
    async run({ start, p }) {
      p.idToken = ({ claims, sign }) => sign({ ...claims, aud: 'another-client' });
      const visit = await logIn(await start());
      assert.deepEqual(outcome(visit), { status: 502, code: 'invalid_id_token' });
    },
  },
];
