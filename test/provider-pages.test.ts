import { readFileSync } from 'node:fs';
import type { RegisterOptions } from '@oauth-registry/core';
import { byName, names } from '@oauth-registry/core/providers';
import { format, resolveConfig } from 'prettier';
import { describe, expect, it } from 'vitest';

interface Notes {
  register: string;
  status: string;
  quirks: string[];
}

const root = new URL('..', import.meta.url).pathname;
const notes = JSON.parse(readFileSync(`${root}test/data/provider-notes.json`, 'utf8')) as Record<
  string,
  Notes
>;

/** What the preset speaks. */
function protocolOf({ openid2Endpoint, requestTokenUrl, scope }: RegisterOptions): string {
  if (openid2Endpoint) return 'OpenID 2.0';
  if (requestTokenUrl) return 'OAuth 1.0a';
  return String(scope).includes('openid') ? 'OpenID Connect' : 'OAuth 2';
}

/** Where its credentials come from, and where they go. */
function registration(name: string, register: string, options: RegisterOptions): string {
  const prefix = name.toUpperCase();
  if (options.openid2Endpoint) {
    return `There is nothing to register. For more than an identifier, get an API key at <${register}> and set
\`${prefix}_API_KEY\` in the environment.`;
  }
  const { registerClient, find } = options.serverLocator ?? {};
  if (find) {
    return `There is nothing to register: the application is known by its address, see
[Bluesky and IndieAuth](../bluesky-indieauth.md). Set \`${prefix}_CLIENT_ID\` in the environment. More is at <${register}>.`;
  }
  if (registerClient) {
    return `There is nothing to do: a client is registered at each server by itself, see
[servers that people choose](../servers.md). For one server alone, register it as <${register}> says.`;
  }
  const secret =
    options.tokenEndpointAuthMethod === 'none' ? '' : ` and \`${prefix}_CLIENT_SECRET\``;
  return `Register it at <${register}>, with the redirect URI \`https://app.example/callback/${name}\`.
Set \`${prefix}_CLIENT_ID\`${secret} in the environment.`;
}

function scopes({ openid2Endpoint, scope }: RegisterOptions): string {
  if (openid2Endpoint) return 'OpenID 2.0 has none.';
  const preset = scope ? `By default \`${[scope].flat().join(' ')}\`.` : 'None by default.';
  return `${preset} Give others as \`scope\`.`;
}

/** Writes the page of one preset. */
function page(name: string): string {
  const { register, status, quirks } = notes[name] as Notes;
  const options = byName(name)();
  const { displayName, urlVariables = {} } = options;
  const free = options.serverLocator !== undefined;
  const needed = Object.entries(urlVariables).filter(
    ([, { default: value, ask }]) => !value && !(ask && free),
  );
  const given = needed.map(([variable]) => `${variable}: '…'`).join(', ');
  const variables = Object.entries(urlVariables).map(
    ([variable, { default: value, ask }]) =>
      `- \`${variable}\`: ${value ? `\`${value}\` unless you say otherwise` : ask && free ? 'comes with each login, unless you give it' : 'yours to give'}${ask ? `; see [servers that people choose](../servers.md)` : ''}`,
  );
  return `<!-- Written by \`pnpm docs:providers\`; change the preset or test/data/provider-notes.json. -->

# ${displayName} (\`${name}\`)

${protocolOf(options)}. ${status === 'live' ? '' : `Access to it is ${status}.`}

## Register the application

${registration(name, register, options)}

## Use it

\`\`\`ts
import { OAuth } from '@oauth-registry/express';
import { ${name} } from '@oauth-registry/core/providers';

const oauth = new OAuth().register('${name}', ${name}(${given ? `{ ${given} }` : ''}));
\`\`\`
${variables.length > 0 ? `\n${variables.join('\n')}\n` : ''}
## Scopes

${scopes(options)}

## What is particular about it

${quirks.length > 0 ? quirks.map((quirk) => `- ${escape(quirk)}`).join('\n') : 'Nothing that is known.'}
`;
}

/** Keeps text from being read as markup. */
function escape(text: string): string {
  return text.replace(/[<>*_[\]{}|\\`]/g, '\\$&');
}

describe('the page of a preset', () => {
  it.each(names)('[R10] %s is up to date (`pnpm docs:providers` writes it)', async (name) => {
    const file = `${root}docs/providers/${name}.md`;
    const options = await resolveConfig(file);
    const text = await format(page(name), { ...options, parser: 'markdown' });
    await expect(text).toMatchFileSnapshot(file);
  });
});
