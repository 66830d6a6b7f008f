import { randomBytes } from 'node:crypto';
import type { RequestListener } from 'node:http';
import { createApp } from './app.js';
import type { AppOptions, Registration } from './clients.js';
import { openDatabase } from './database.js';
import { openNextFree, openPort } from './listen.js';
import { createOctoProvider } from './providers/octo.js';
import { createOpenIdProvider } from './providers/openid.js';
import { createPhotosProvider } from './providers/photos.js';
import type { ProviderOptions } from './providers/shared.js';
import { openUsers } from './users.js';

export interface DemoOptions {
  /** The application's port, and no other. Without it: 3000, or the next free one. 0 is any. */
  port?: number | undefined;
  /** A `postgres://` address, or a folder for the embedded database; without it, in memory. */
  databaseUrl?: string | undefined;
  /** What the application is written with. Default `express`. */
  framework?: Framework | undefined;
}

type CreateApp = (options: AppOptions) => RequestListener | Promise<RequestListener>;

/** The application, once for each framework; only the one that runs is loaded. */
const frameworks = {
  express: createApp,
  fastify: async (options) => (await import('./fastify-app.js')).createFastifyApp(options),
  next: async (options) => (await import('./next-app.js')).createNextApp(options),
} satisfies Record<string, CreateApp>;

export type Framework = keyof typeof frameworks;

/** Tells whether the demo exists for a framework of this name. */
export function isFramework(name: string): name is Framework {
  return Object.hasOwn(frameworks, name);
}

/** What {@link isFramework} accepts. */
export const frameworkNames: readonly string[] = Object.keys(frameworks);

export interface Demo {
  /** The address to open. */
  url: string;
  port: number;
  /** The providers' addresses. */
  providers: Record<'openid' | 'octo' | 'photos', string>;
  close(): Promise<void>;
}

/** The port that is tried first when none is given. */
export const defaultPort = 3000;

type CreateProvider = (options: ProviderOptions) => RequestListener | Promise<RequestListener>;

/** Starts the application and its three providers on this machine. */
export async function startDemo(options: DemoOptions = {}): Promise<Demo> {
  const { port, databaseUrl, framework = 'express' } = options;
  const opened: { close(): Promise<void> }[] = [];
  const close = async (): Promise<void> => {
    for (const resource of opened.splice(0).toReversed()) await resource.close();
  };
  try {
    const database = await openDatabase(databaseUrl);
    opened.push(database);
    const users = await openUsers(database);
    const server = await openAppPort(port);
    opened.push(server);

    const start = async (client: string, create: CreateProvider): Promise<Registration> => {
      // Cookies do not tell ports apart, so the providers get a host name of their own.
      const provider = await openNextFree('127.0.0.1', server.port + 1);
      opened.push(provider);
      const registration = {
        origin: provider.origin,
        clientId: `demo-${client}`,
        clientSecret: randomBytes(24).toString('base64url'),
      };
      const redirectUri = `${server.origin}/callback/${client}`;
      const dropInRedirectUri = `${server.origin}/auth/callback/${client}`;
      provider.serve(await create({ ...registration, redirectUri, dropInRedirectUri }));
      return registration;
    };
    const openid = await start('openid', createOpenIdProvider);
    const octo = await start('octo', createOctoProvider);
    const photos = await start('photos', createPhotosProvider);

    const secret = randomBytes(32).toString('hex');
    const app = { baseUrl: server.origin, secret, openid, octo, photos, users };
    server.serve(await frameworks[framework](app));
    return {
      url: `${server.origin}/`,
      port: server.port,
      providers: { openid: openid.origin, octo: octo.origin, photos: photos.origin },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function openAppPort(port: number | undefined) {
  return port === undefined ? openNextFree('localhost', defaultPort) : openPort('localhost', port);
}
