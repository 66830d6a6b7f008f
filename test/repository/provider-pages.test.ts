import { readFileSync } from 'node:fs';
import type { RegisterOptions } from '@oauth-registry/core';
import { byName, names } from '@oauth-registry/core/providers';
import { format, resolveConfig } from 'prettier';
import { describe, expect, it } from 'vitest';

interface Notes {
  register: string;
  status: string;
  /** Required options of the preset, besides URL variables. */
  options?: string;
  /** There is no client secret to set. */
  noSecret?: boolean;
  quirks: string[];
}

const root = new URL('../..', import.meta.url).pathname;
const notes = JSON.parse(readFileSync(`${root}test/data/provider-notes.json`, 'utf8')) as Record<
  string,
  Notes
>;

/** The protocol of the preset. */
function protocolOf({ openid2Endpoint, requestTokenUrl, scope }: RegisterOptions): string {
  if (openid2Endpoint) return 'OpenID 2.0';
  if (requestTokenUrl) return 'OAuth 1.0a';
  return String(scope).includes('openid') ? 'OpenID Connect' : 'OAuth 2';
}

/** How to register the application and configure its credentials. */
function registration(name: string, options: RegisterOptions): string {
  const { register, noSecret } = notes[name] as Notes;
  const prefix = name.toUpperCase();
  if (options.openid2Endpoint) {
    return `No registration is needed. For more than an identifier, get an API key at <${register}> and set
\`${prefix}_API_KEY\` in the environment.`;
  }
  const { registerClient, find } = options.serverLocator ?? {};
  if (find) {
    return `No registration is needed: the client identifier is the URL of the application, see
[Bluesky and IndieAuth](../bluesky-indieauth.md). Set \`${prefix}_CLIENT_ID\` in the environment. More is at <${register}>.`;
  }
  if (registerClient) {
    return `No registration is needed: the client is registered dynamically at each server, see
[user-chosen providers](../servers.md). For one server only, register it as described at <${register}>.`;
  }
  const needless =
    options.tokenEndpointAuthMethod === 'none' &&
    !JSON.stringify(options).includes('{client_secret}');
  const secret = needless || noSecret ? '' : ` and \`${prefix}_CLIENT_SECRET\``;
  if (options.allowLegacyGrants) return `Register it at <${register}>.`;
  return `Register it at <${register}>, with the redirect URI \`https://app.example/auth/callback/${name}\` for the
[drop-in routes](../login.md), or the URL of your own callback. Set \`${prefix}_CLIENT_ID\`${secret} in the environment.`;
}

function scopes({ openid2Endpoint, requestTokenUrl, scope }: RegisterOptions): string {
  if (openid2Endpoint) return 'OpenID 2.0 has none.';
  if (requestTokenUrl) return 'OAuth 1.0a has none.';
  if (!scope) return 'None by default. If the provider has scopes, set `scope`.';
  return `By default \`${[scope].flat().join(' ')}\`. To request others, set \`scope\`.`;
}

/** The claims of a profile, and whether its email counts as verified. */
function profileText(options: RegisterOptions): string {
  const { displayName, profile = {} } = options;
  const known = Object.keys(profile).filter((claim) => !claim.endsWith('_verified'));
  const all = known.length > 15;
  const claims = all
    ? 'the standard claims of the scopes'
    : known.map((claim) => `\`${claim}\``).join(', ');
  const verified =
    'email_verified' in profile
      ? `An email counts as verified if ${displayName} reports it as verified.`
      : `An email never counts as verified: ${displayName} does not report it.`;
  const email = 'email' in profile ? verified : 'There is no email.';
  return `\`token.userinfo\` has ${claims}${known.length > 1 ? ', if known' : ''}. ${all ? '' : email}
${identity(options)}`;
}

/** The part of an identity before the subject. */
function identity(options: RegisterOptions): string {
  const { provider, publicAuthority, serverLocator, issuer } = options;
  if ([issuer].flat().some((one) => one?.includes('{tenantid}'))) {
    return `\`identity(token)\` is \`${provider}$\`, the issuer of the tenant, and the subject.`;
  }
  if (publicAuthority !== false || serverLocator) {
    const elsewhere = options.urlVariables ? ' At another server, it includes the server.' : '';
    return `\`identity(token)\` is \`${provider}$…\`.${elsewhere}`;
  }
  return `\`identity(token)\` is \`${provider}$\`, the server, and the subject: the same subject at two servers is two users.`;
}

/** Which tokens can be revoked. */
function revocation(options: RegisterOptions): string {
  const { requestTokenUrl, openid2Endpoint, revocationEndpoint, revocation: shape } = options;
  if (requestTokenUrl || openid2Endpoint) return '';
  if (revocationEndpoint) {
    const kinds = { access_token: 'access tokens', refresh_token: 'refresh tokens' };
    return `\`revokeToken()\` revokes ${shape?.only ? kinds[shape.only] : 'tokens of both kinds'}.`;
  }
  const found = options.serverMetadataUrl ?? options.serverLocator;
  return found
    ? '`revokeToken()` works if the server has a revocation endpoint.'
    : 'There is no revocation endpoint.';
}

/** Writes the page of one preset. */
function page(name: string): string {
  const { status, quirks, options: told } = notes[name] as Notes;
  const options = byName(name)();
  const { displayName, urlVariables = {} } = options;
  const free = options.serverLocator !== undefined;
  const needed = Object.entries(urlVariables).filter(
    ([, { default: value, ask }]) => !value && !(ask && free),
  );
  const given = [...needed.map(([variable]) => `${variable}: '…'`), told ?? []].flat().join(', ');
  const variables = Object.entries(urlVariables).map(
    ([variable, { default: value, ask }]) =>
      `- \`${variable}\`: ${value ? `\`${value}\` by default` : ask && free ? 'passed with each login, unless you set it' : 'required'}${ask ? `; see [user-chosen providers](../servers.md)` : ''}`,
  );
  return `<!-- Written by \`pnpm docs:providers\`; change the preset or test/data/provider-notes.json. -->

# ${displayName} (\`${name}\`)

${protocolOf(options)}. ${status === 'live' ? '' : `Access to it is ${status}.`}

## Register the application

${registration(name, options)}

## Use it

\`\`\`ts
import { OAuth } from '@oauth-registry/express';
import { ${name} } from '@oauth-registry/core/providers';

const oauth = new OAuth().register('${name}', ${name}(${given ? `{ ${given} }` : ''}));
\`\`\`
${variables.length > 0 ? `\n${variables.join('\n')}\n` : ''}
## Scopes

${scopes(options)}

## User profile

${profileText(options)} ${revocation(options)}

## Notes

${quirks.map((quirk) => `- ${quirk}`).join('\n')}
`;
}

describe('the page of a preset', () => {
  it.each(names)('[R10] %s is up to date (`pnpm docs:providers` writes it)', async (name) => {
    const file = `${root}docs/providers/${name}.md`;
    const options = await resolveConfig(file);
    const text = await format(page(name), { ...options, parser: 'markdown' });
    await expect(text).toMatchFileSnapshot(file);
  });
});
