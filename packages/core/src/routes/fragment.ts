import { fragmentPage } from '../client/fragment-page.js';
import type { RegisterOptions } from '../options/register-options.js';
import type { BrowserExchange } from '../model/ports.js';
import type { RouteAnswer } from './response.js';

/** Responds to a callback with fragment parameters with the page that posts them. */
export function answerFragment(
  { method, query }: BrowserExchange,
  { responseMode }: Readonly<RegisterOptions>,
): RouteAnswer | undefined {
  const awaited = method === 'GET' && !query && responseMode?.startsWith('fragment');
  if (!awaited) return undefined;
  const { html, headers } = fragmentPage();
  return { status: 200, headers, body: html };
}
