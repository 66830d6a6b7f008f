import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { rejection } from '../../support/login.js';
import { form } from '../../support/provider/response.js';
import { startProvider, type FakeProvider } from '../../support/provider/index.js';
import { judge, param } from './judge.js';
import { oauth1Client } from './world.js';

let provider: FakeProvider;

beforeAll(async () => {
  provider = await startProvider();
});
beforeEach(() => provider.reset());
afterAll(() => provider.close());

const person = {
  x_auth_mode: 'client_auth',
  x_auth_username: 'ada@example.com',
  x_auth_password: "pass+word &=%'é",
};

describe('a token without a browser (xAuth)', () => {
  it.each(['HEADER', 'QUERY', 'BODY'] as const)(
    '[A5] is asked for in a signed form, never in a query, with %s',
    async (signatureType) => {
      provider.on('oauth1_access', ({ form: fields }) =>
        fields.get('x_auth_password') === person.x_auth_password
          ? form({ oauth_token: 'direct', oauth_token_secret: 's', x_auth_expires: '0' })
          : { status: 401 },
      );
      const judged = judge(provider);
      const options = { signatureType, accessTokenMethod: 'GET' } as const;
      const token = await oauth1Client(provider, options).directToken(person);
      expect(token).toEqual({
        oauth_token: 'direct',
        oauth_token_secret: 's',
        x_auth_expires: '0',
      });
      const [request] = judged;
      expect(request?.method).toBe('POST');
      expect(request?.search).not.toContain('x_auth');
      expect(request && param(request, 'oauth_token')).toBeUndefined();
      expect(request && param(request, 'oauth_verifier')).toBeUndefined();
    },
  );

  it('[A5] fails with the provider’s word, and without the user’s password', async () => {
    provider.on('oauth1_access', () => form({ oauth_problem: 'permission_denied' }, 401));
    const error = await rejection(oauth1Client(provider).directToken(person));
    expect(error).toMatchObject({ code: 'access_denied', client: 'club', phase: 'exchange' });
    expect(`${error.stack} ${JSON.stringify(error)}`).not.toContain('pass+word');
  });

  it('[A5] is not asked for over plain http', async () => {
    const unsafe = { accessTokenUrl: 'http://provider.example/access' };
    expect(() => oauth1Client(provider, unsafe)).toThrow(
      expect.objectContaining({ code: 'insecure_transport' }),
    );
  });
});
