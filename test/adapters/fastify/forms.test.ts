import formbody from '@fastify/formbody';
import { fastifyOAuth, OAuth } from '@oauth-registry/fastify';
import Fastify, { type FastifyInstance } from 'fastify';
import { afterEach, describe, expect, it } from 'vitest';

let app: FastifyInstance;

afterEach(() => app.close());

const secret = 'a secret of thirty-two characters';
const registry = (): OAuth => new OAuth({ config: {}, baseUrl: 'http://localhost', secret });

type Step = (instance: FastifyInstance) => unknown;
const steps: Record<string, Step> = {
  'the plugin': (instance) => instance.register(fastifyOAuth, { oauth: registry() }),
  formbody: (instance) => instance.register(formbody),
  'the routes': (instance) =>
    instance.register(registry().routes({ onLogin: () => undefined, onLogout: () => '/bye' }), {
      prefix: '/auth',
    }),
};

const orders = [
  ['the plugin', 'formbody', 'the routes'],
  ['formbody', 'the plugin', 'the routes'],
  ['the routes', 'the plugin', 'formbody'],
  ['the routes', 'formbody', 'the plugin'],
  ['the plugin', 'the routes'],
  ['the routes'],
].map((order) => ({ order }));

describe('forms on Fastify', () => {
  it.each(orders)('are read, whichever is registered first: $order', async ({ order }) => {
    app = Fastify();
    for (const name of order) await steps[name]?.(app);
    const isParsed = order.length > 1;
    if (isParsed) app.post('/form', (request) => request.body);

    const headers = { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' };
    const payload = 'returnTo=%2Fcart&a=1';
    const out = await app.inject({ method: 'POST', url: '/auth/logout', headers, payload });
    expect([out.statusCode, out.headers.location]).toEqual([303, '/bye']);
    if (!isParsed) return;
    const form = await app.inject({ method: 'POST', url: '/form', headers, payload });
    expect(form.json()).toEqual({ returnTo: '/cart', a: '1' });
  });
});
