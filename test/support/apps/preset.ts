import { expect, onTestFinished } from 'vitest';
import type {
  ExpressClients,
  OAuth2Token,
  OAuthError,
  RegisterOptions,
} from '@oauth-registry/express';
import type { RequestHandler } from 'express';
import { byName } from '@oauth-registry/core/providers';
import { Browser, type Visit } from '../browser.js';
import { startExpress, type TestApp } from './express.js';
import { rsaKey, signJws } from '../provider/index.js';
import { json, startWire, type Routes, type Wire, type WireAnswer } from '../wire.js';

/** What the applications of these tests are called at their providers. */
export const clientId = 'app-id';
export const clientSecret = 'app-secret';

/** An application with one preset, whose provider answers as its documentation says. */
export interface PresetApp {
  wire: Wire;
  app: TestApp;
  client: ExpressClients['oauth2'];
  /** The address of the callback. */
  callback: string;
  /** Sends a person to the provider, and returns what the provider is asked there. */
  begin(): Promise<URL>;
  /** Brings the person back, from the provider's site; `state` is the one it was given. */
  come(params: Record<string, string>, method?: 'GET' | 'POST'): Promise<Visit>;
  /** A whole login; with a code unless `params` say otherwise. */
  login(params?: Record<string, string>, method?: 'GET' | 'POST'): Promise<OAuth2Token>;
  /** A whole login that fails. */
  refusal(params?: Record<string, string>, method?: 'GET' | 'POST'): Promise<OAuthError>;
}

/** Starts an Express application that knows one provider by its preset. */
export async function startPreset(
  name: string,
  routes: Routes,
  options: RegisterOptions & Record<string, unknown> = {},
): Promise<PresetApp> {
  const wire = await startWire(routes);
  onTestFinished(() => wire.close());
  const described = byName(name)({ clientId, clientSecret, ...options });
  const app = await startExpress({
    clients: { [name]: described },
    oauth: { fetch: wire.fetch, baseUrl: 'https://app.example' },
    // Behind a proxy that speaks https, without which no cookie comes along with a POST from elsewhere.
    session: {
      secret: 'a secret of thirty-two characters',
      proxy: true,
      cookie: { secure: true, sameSite: 'lax' },
    },
    before: [trustProxy],
  });
  onTestFinished(() => app.close());
  const callback = `https://app.example/callback/${name}`;
  const here = `${app.url}/callback/${name}`;
  const browser = new Browser({ secureLoopback: true });
  const headers = { 'x-forwarded-proto': 'https' };
  const there = (url: URL): boolean => url.origin !== app.url;
  let asked = new URL(callback);

  async function begin(): Promise<URL> {
    const { pending, text } = await browser.follow(`${app.url}/login/${name}`, {
      until: there,
      headers,
    });
    if (!pending) throw new Error(`Nobody was sent to ${name}: ${text()}`);
    asked = pending.url;
    return asked;
  }
  async function come(params: Record<string, string>, method = 'GET'): Promise<Visit> {
    const state = asked.searchParams.get('state');
    const all = new URLSearchParams({ ...(state === null ? {} : { state }), ...params });
    if (method === 'GET') return await browser.get(`${here}?${all}`, { from: asked, headers });
    return await browser.post(here, all, { from: asked, headers });
  }
  return {
    wire,
    app,
    client: app.client(name) as ExpressClients['oauth2'],
    callback,
    begin,
    come,
    login: async (params = { code: 'c0de' }, method = 'GET') => {
      await begin();
      const visit = await come(params, method);
      expect(visit.text()).toContain('{');
      expect([visit.status, app.errors.at(-1)]).toEqual([200, undefined]);
      return app.tokens.at(-1) as OAuth2Token;
    },
    refusal: async (params = { code: 'c0de' }, method = 'GET') => {
      await begin();
      const visit = await come(params, method);
      expect(visit.status).toBeGreaterThanOrEqual(400);
      return app.errors.at(-1) as OAuthError;
    },
  };
}

const trustProxy: RequestHandler = (req, _res, next) => {
  req.app.set('trust proxy', 1);
  next();
};

/** The key that the providers of these tests sign with. */
export const providerKey = rsaKey();

/** The answer of a provider's key set. */
export const keySet: WireAnswer = json({ keys: [providerKey.jwk] });

/** Signs an id_token: what the protocol asks for, and the claims that the provider adds. */
export function idToken(claims: Record<string, unknown>): string {
  const now = Math.floor(Date.now() / 1000);
  const own = { aud: clientId, iat: now, exp: now + 3600 };
  return signJws({ ...own, ...claims }, { alg: 'RS256', kid: providerKey.kid }, providerKey);
}
