import { fingerprint } from '../../../dist/page.js';
import { explained, findClient, session, toStart } from '../../demo';

export const POST = (_request: Request) =>
  explained(async () => {
    const login = await session().getSession();
    const client = login && findClient(login.client);
    if (client && 'refreshToken' in client) {
      const { id_token: _, ...token } = await client.refreshToken(login.token as never);
      await session().setSession({ ...login, token, before: fingerprint(login.token) });
    }
    return toStart();
  });
