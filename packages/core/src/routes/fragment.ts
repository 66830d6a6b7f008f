import { fragmentPage } from '../client/fragment-page.js';
import type { RegisterOptions } from '../options/register-options.js';
import type { HandlerResponse, BrowserRequest } from '../model/ports.js';

/** Responds to a callback with fragment parameters with the page that posts them. */
export function fragmentResponse(
  { method, query }: BrowserRequest,
  { responseMode }: Readonly<RegisterOptions>,
): HandlerResponse | undefined {
  const awaited = method === 'GET' && !query && responseMode?.startsWith('fragment');
  if (!awaited) return undefined;
  const { html, headers } = fragmentPage();
  return { status: 200, headers, body: html };
}
