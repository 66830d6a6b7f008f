import type { ContractConfig } from '../contract/types.js';
import { webApp, type WebHandler } from '../contract/web-app.js';

/** The applications of this process, by the first segment of their paths. */
const apps = new Map<string, WebHandler>();

/** Starts an application, or closes one; the response says which runtime this is. */
async function control(request: Request): Promise<Response> {
  const { id, url, config } = (await request.json()) as {
    id: string;
    url: string;
    config?: ContractConfig;
  };
  if (config) apps.set(id, webApp(config, url));
  else apps.delete(id);
  return Response.json({ runtime: navigator.userAgent });
}

export default {
  async fetch(request: Request): Promise<Response> {
    const [, id = ''] = new URL(request.url).pathname.split('/');
    if (id === 'control') return await control(request);
    return (await apps.get(id)?.(request)) ?? new Response(null, { status: 404 });
  },
};
