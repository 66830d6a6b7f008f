/**
 * A process of cold-start.ts: imports the packages that its arguments name, and sends its CPU time. If the
 * last argument is the URL of a provider, it logs in there first.
 */
import type * as core from '@oauth-registry/core';

const names = process.argv.slice(2);
const issuer = URL.canParse(names.at(-1) ?? '') ? names.pop() : undefined;
const modules: unknown[] = [];
for (const name of names) modules.push(await import(name));
if (issuer !== undefined) await logIn(modules[0] as typeof core, issuer);

const { user, system } = process.cpuUsage();
process.send?.({ cpu: user + system });

async function logIn({ OAuth }: typeof core, at: string): Promise<void> {
  const { corp } = new OAuth({ config: {} }).register('corp', {
    clientId: 'app',
    clientSecret: 'the secret of the client',
    serverMetadataUrl: `${at}/.well-known/openid-configuration`,
    scope: 'openid email',
  });
  const login = await corp.createAuthorizationUrl('http://127.0.0.1:9/callback');
  const callback = await callbackOf(login.url);
  const token = await corp.fetchAccessToken(callback, login);
  const { sub } = await corp.userinfo({ token });
  if (sub !== 'ada') throw new Error('Another user logged in.');
}

/** Authorizes as the user's browser, and returns the URL of the callback. */
async function callbackOf(url: string): Promise<string> {
  const { get } = await import('node:http');
  return await new Promise((resolve, reject) => {
    get(url, (response) => {
      response.resume();
      resolve(response.headers.location ?? '');
    }).on('error', reject);
  });
}
