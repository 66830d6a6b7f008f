import assert from 'node:assert/strict';
import type { ResponseType } from '@oauth-registry/core/types';
import { Browser, type Visit } from '../../support/browser.js';
import { openidClient } from '../clients.js';
import { frontModules, plans, type Ended, type FrontModule, type Suite } from '../oidf-modules.js';
import { json, logIn } from '../steps.js';
import type { ContractApp, ContractCheck, ContractContext } from '../types.js';

const client = 'openid';

/** The client is an application of the framework, and the response is a form_post to its callback. */
function suiteOf({ start, p }: ContractContext, type: ResponseType): Suite {
  const browser = new Browser();
  let app: ContractApp;
  const ended = (visit: Visit, read: (body: Record<string, unknown>) => unknown): Ended => {
    const body = json(visit);
    if (visit.status === 200) return { claims: read(body) as Ended['claims'] };
    assert.equal(visit.status, 502, visit.text());
    return { code: body['code'] };
  };
  return {
    p,
    type,
    async logIn(options = {}) {
      const more = { responseType: type, responseMode: 'form_post' as const, ...options };
      app = await start({ clients: { [client]: openidClient(p, more) } });
      return ended(await logIn(app, client, browser), ({ userinfo }) => userinfo);
    },
    profile: async () =>
      ended(await browser.get(`${app.url}/profile/${client}`), (profile) => profile),
  };
}

const check = (plan: keyof typeof plans, module: FrontModule): ContractCheck => ({
  id: `${module.name}/${plan}`,
  clause: `OpenID Foundation, RP formpost-${plan} plan`,
  title: module.title,
  async run(context) {
    const types = plans[plan].filter((type) => module.only?.(type) !== false);
    assert.notEqual(types.length, 0);
    for (const type of types) {
      context.p.reset();
      await module.run(suiteOf(context, type));
    }
  },
});

const fits = (plan: keyof typeof plans, { only }: FrontModule): boolean =>
  plans[plan].some((type) => only?.(type) !== false);

/** The form_post plans of the implicit and hybrid flows, every response type in turn. */
export const oidfFront: readonly ContractCheck[] = (['implicit', 'hybrid'] as const).flatMap(
  (plan) =>
    frontModules.filter((module) => fits(plan, module)).map((module) => check(plan, module)),
);
