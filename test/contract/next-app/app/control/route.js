import { addApp, closeApp } from '../../registry.js';

/** Starts an application, or closes one. */
export async function POST(request) {
  const { id, config, url } = await request.json();
  if (config) addApp(id, config, url);
  else closeApp(id);
  return Response.json({});
}
