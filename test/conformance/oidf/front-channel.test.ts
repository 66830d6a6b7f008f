import { afterAll, beforeAll, beforeEach, describe, it } from 'vitest';
import type { OAuth2Token } from '@oauth-registry/core';
import type { OAuth2Client, ResponseType } from '@oauth-registry/core/types';
import { frontModules, plans, type Ended, type Suite } from '../../contract/oidf-modules.js';
import { startProvider, type FakeProvider } from '../../support/provider/index.js';
import { clientOf, logIn } from './flows.js';

let p: FakeProvider;
beforeAll(async () => {
  p = await startProvider();
});
beforeEach(() => p.reset());
afterAll(() => p.close());

/** A client without a framework, whose answer comes in the fragment, as response types have it by default. */
function suiteOf(type: ResponseType): Suite {
  let client: OAuth2Client;
  let token: OAuth2Token;
  const ended = async (step: () => Promise<object | undefined>): Promise<Ended> =>
    await step().then(
      (claims) => ({ claims: claims as Ended['claims'] }),
      ({ code }: { code?: unknown }) => ({ code }),
    );
  return {
    p,
    type,
    logIn: (options) =>
      ended(async () => {
        client = clientOf(p, { responseType: type, responseMode: 'fragment', ...options });
        token = await logIn(client);
        return token.userinfo;
      }),
    profile: () => ended(() => client.userinfo({ token })),
  };
}

describe.each(Object.entries(plans))('the %s plan', (plan, types) => {
  for (const type of types) {
    for (const { name, title, only, run } of frontModules) {
      if (only?.(type) === false) continue;
      it(`[A20] ${name}: ${title} (OpenID Foundation, RP ${plan} plan, ${type})`, () =>
        run(suiteOf(type)));
    }
  }
});
