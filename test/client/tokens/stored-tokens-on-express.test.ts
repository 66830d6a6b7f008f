import { deserializeToken, OAuth, serializeToken, type OAuth2Token } from '@oauth-registry/core';
import { memoryStore } from '@oauth-registry/core/stores/memory';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { login } from '../../support/login.js';
import { plainClient } from '../../support/apps/express.js';
import { startProvider, type FakeProvider } from '../../support/provider/index.js';

let provider: FakeProvider;
const secret = 'a secret of thirty-two characters';

beforeAll(async () => {
  provider = await startProvider({ openid: false });
});
afterAll(() => provider.close());
afterEach(() => provider.reset());

const application = () =>
  new OAuth({ config: {}, tokenStore: memoryStore() }).register('plain', plainClient(provider));

it('[M4, M6] a stored user’s token calls the API in another process, away from any login', async () => {
  const text = await serializeToken(await login(application().plain), secret);
  const elsewhere = application();
  const token = await deserializeToken<OAuth2Token>(text, secret);
  expect((await elsewhere.plain.get('user', { token })).status).toBe(200);
});

it('[M6, M7] many calls of a stored user at once refresh the token once', async () => {
  const { plain } = application();
  await plain.saveToken({ ...(await login(plain)), expires_at: 1 }, { userId: 'ada' });
  provider.requests.length = 0;
  const calls = Array.from({ length: 50 }, () => plain.get('user', { userId: 'ada' }));
  const answers = await Promise.all(calls);
  expect(answers.every(({ status }) => status === 200)).toBe(true);
  expect(provider.count('token')).toBe(1);
});
