import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Express } from 'express';

/** A provider of plain OAuth 2 that keeps to one package's own checks; everybody agrees at once. */
export interface PlainProvider {
  base: string;
  /** Takes an access token back, as an administrator would. */
  forget(accessToken: string): void;
  close(): Promise<void>;
}

/** The one client of such a provider. */
export interface PlainRegistration {
  clientId: string;
  clientSecret: string;
  redirectUri: string;
}

/** Serves an application on a free port of this machine. */
export async function serve(app: Express): Promise<Pick<PlainProvider, 'base' | 'close'>> {
  const server = createServer(app);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    base: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
