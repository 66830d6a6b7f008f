import { OAuth, type OAuthOptions } from '@oauth-registry/core';
import { memoryStore } from '@oauth-registry/core/stores/memory';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { openidClient } from '../support/apps/express.js';
import { login } from '../support/login.js';
import { startProvider, type FakeProvider } from '../support/provider/index.js';

let provider: FakeProvider;
beforeAll(async () => {
  provider = await startProvider();
});
afterAll(() => provider.close());
afterEach(() => {
  provider.reset();
  vi.restoreAllMocks();
});

function logged() {
  const lines: string[] = [];
  const details: object[] = [];
  const log = (given: object, line: string): void => void (details.push(given), lines.push(line));
  return { lines, details, logger: { debug: log, warn: log } };
}

const registry = (oauth: OAuthOptions) =>
  new OAuth({ config: {}, secret: 'a secret of thirty-two characters', ...oauth }).register(
    'corp',
    openidClient(provider),
  );

describe('`logger`', () => {
  it('gets every request with client, URL, status and duration, and no secret', async () => {
    const { lines, details, logger } = logged();
    const { corp } = registry({ logger, tokenStore: memoryStore() });
    const token = await login(corp);
    await corp.saveToken({ ...token, expires_at: 1 }, { userId: 'ada' });
    await corp.get('me?secret=1', { userId: 'ada' });
    const stems = lines.map((line) => line.replace(/ \d+ ms$/, ' … ms'));
    expect(stems).toContain(
      `oauth-registry corp: token endpoint POST ${provider.base}/token 200 … ms`,
    );
    expect(stems.at(-1)).toMatch(/^oauth-registry corp: .* GET http.*\/api\/me 200 … ms$/);
    expect(details[0]).toMatchObject({
      client: 'corp',
      method: 'GET',
      status: 200,
      milliseconds: expect.any(Number),
    });
    const all = JSON.stringify([lines, details]);
    const { clientSecret } = provider.settings;
    for (const secret of [
      token.access_token,
      token.refresh_token,
      token['id_token'],
      clientSecret,
      'secret=1',
      'code=',
    ]) {
      expect(all).not.toContain(secret);
    }
  });

  it('gets failures, and does not disturb a login if it throws', async () => {
    const { lines, logger } = logged();
    provider.quirks.fault.token = 'unavailable-503';
    await expect(login(registry({ logger }).corp)).rejects.toThrow();
    expect(lines.at(-1)).toContain('oauth-registry corp: login failed (provider_unavailable)');
    expect(lines.join('\n')).toContain(' 503 ');
    provider.reset();
    const broken = () => {
      throw new Error('no disk');
    };
    await login(registry({ logger: { debug: broken, warn: broken } }).corp);
  });

  it('is the error output with `debug`, or with OAUTH_DEBUG=1', async () => {
    const error = vi.spyOn(console, 'error').mockReturnValue();
    await login(registry({ debug: true }).corp);
    const count = error.mock.calls.length;
    expect(count).toBeGreaterThan(1);
    await login(registry({ config: { OAUTH_DEBUG: '1' } }).corp);
    expect(error.mock.calls.length).toBeGreaterThan(count);
    error.mockClear();
    await login(registry({}).corp);
    await login(registry({ config: { OAUTH_DEBUG: '1' }, debug: false }).corp);
    expect(error).not.toHaveBeenCalled();
  });

  it('is checked', () => {
    expect(() => registry({ logger: {} as never })).toThrow('"logger"');
    expect(() => registry({ logger: console })).not.toThrow();
  });
});
