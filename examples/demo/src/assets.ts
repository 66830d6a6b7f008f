import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import express, { type RequestHandler } from 'express';

const folder = fileURLToPath(new URL('../public', import.meta.url));

/** The style sheet's file. */
export const styleSheet: string = join(folder, 'style.css');

/** The browser part of the library, which a page without a bundler imports as a file. */
export const browserScript: string = fileURLToPath(
  import.meta.resolve('@oauth-registry/core/browser'),
);

/** Serves the style sheet and the script, the same for the application and the providers. */
export function assets(): RequestHandler {
  return express.static(folder);
}
