import { fragmentPage } from '../client/fragment-page.js';
import type { Look } from './pages/look.js';
import type { RegisterOptions } from '../options/register-options.js';
import type { HandlerResponse, BrowserRequest } from '../model/ports.js';

/** Responds to a callback with fragment parameters with the page that posts them. */
export async function fragmentResponse(
  browser: BrowserRequest,
  { responseMode }: Readonly<RegisterOptions>,
  look: () => Promise<Look>,
): Promise<HandlerResponse | undefined> {
  const { method, query } = browser;
  const awaited = method === 'GET' && !query && responseMode?.startsWith('fragment');
  if (!awaited) return undefined;
  const { texts, textLang: lang } = await look();
  const { signingIn: title, needsScript } = texts;
  const { html, headers } = fragmentPage({ lang, title, needsScript });
  return { status: 200, headers, body: html };
}
