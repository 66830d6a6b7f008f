import { OAuth, type OAuth2Token } from '@oauth-registry/express';

declare module 'express-session' {
  interface SessionData {
    user: { name: string; token: OAuth2Token };
  }
}

export const baseUrl: string = process.env['BASE_URL'] ?? 'http://localhost:3000';

// The rest comes from CORP_CLIENT_ID, CORP_CLIENT_SECRET, CORP_SERVER_METADATA_URL and CORP_API_BASE_URL.
export const oauth = new OAuth({ baseUrl }).register('corp', { scope: 'openid profile' });
