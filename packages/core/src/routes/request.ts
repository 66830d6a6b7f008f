import type { BrowserRequest } from '../model/ports.js';
import type { RouteRequest } from './options.js';

/**
 * Returns the framework's request and response for the application's hooks, which know their types.
 */
export function requestOf({ request, response }: BrowserRequest): RouteRequest {
  return { request: request as never, response: response as never };
}
