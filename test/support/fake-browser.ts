import type {
  BrowserRequest,
  SessionPort,
  StateStore,
} from '../../packages/core/src/model/ports.js';
import { formatCookie } from '../../packages/core/src/platform/http/set-cookie.js';
import type { PendingLogin } from '../../packages/core/src/client/login-state/pending-logins.js';

/** A browser that keeps cookies, and the session the application would find for it. */
export class FakeBrowser {
  cookies = new Map<string, string>();
  attributes = new Map<string, string>();
  session: Record<string, unknown> = {};
  saves = 0;
  failSaving: Error | undefined;
  store: StateStore | undefined;

  request(): BrowserRequest {
    const session: SessionPort = {
      ...(this.store ? { store: this.store } : {}),
      get: (key) => this.session[key],
      set: (key, value) => {
        this.session[key] = value;
      },
      save: async () => {
        if (this.failSaving) throw this.failSaving;
        this.saves += 1;
        // A store keeps a copy, as JSON does.
        this.session = JSON.parse(JSON.stringify(this.session)) as Record<string, unknown>;
      },
    };
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    return {
      request: undefined,
      response: undefined,
      method: 'GET',
      header: (name) => (name === 'cookie' && cookie !== '' ? cookie : undefined),
      query: '',
      body: () => undefined,
      session: () => session,
      setHeader: () => undefined,
      setCookie: (set) => {
        if (set.maxAge === 0) this.cookies.delete(set.name);
        else this.cookies.set(set.name, set.value);
        this.attributes.set(set.name, formatCookie({ ...set, value: '' }));
      },
    };
  }
}

/** A store of pending logins in memory, and what it holds. */
export function memoryStore() {
  const entries = new Map<string, string>();
  return {
    entries,
    put: (key: string, value: string) => void entries.set(key, value),
    take: (key: string) => {
      const value = entries.get(key);
      entries.delete(key);
      return value;
    },
  };
}

/** A login that begins, as the registry hands it in. */
export const login = (state: string): Omit<PendingLogin, 'id' | 'expiresAt'> => ({
  state,
  client: 'github',
  kind: 'oauth2',
  redirectUri: 'https://app.example/callback',
  codeVerifier: `verifier of ${state}`,
  nonce: `nonce of ${state}`,
  openid: true,
});
