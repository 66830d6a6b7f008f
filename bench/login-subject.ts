/** What the applications of the login benchmarks have in common. */
import type { Server } from 'node:http';

/** The client of an application, and the provider. */
export interface AppOptions {
  /** The origin of the application. */
  url: string;
  redirectUri: string;
  issuer: string;
  clientId: string;
  clientSecret: string;
}

/** Serves `/login` and `/callback`. */
export type App = (server: Server, options: AppOptions) => Promise<void> | void;

/** The secret of sessions and cookies. */
export const secret = 'a secret of thirty-two characters';
