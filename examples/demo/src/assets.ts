import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import express, { type RequestHandler } from 'express';

const folder = fileURLToPath(new URL('../public', import.meta.url));

/** The style sheet's file. */
export const styleSheet: string = join(folder, 'style.css');

/** Serves the style sheet, the same for the application and the providers. */
export function assets(): RequestHandler {
  return express.static(folder);
}
