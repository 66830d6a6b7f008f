import { fileURLToPath } from 'node:url';
import express, { type RequestHandler } from 'express';

/** Serves the style sheet, the same for the application and the providers. */
export function assets(): RequestHandler {
  return express.static(fileURLToPath(new URL('../public', import.meta.url)));
}
