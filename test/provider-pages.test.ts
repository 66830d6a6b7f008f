import { readFileSync } from 'node:fs';
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

/** Writes the page of one preset. */
function page(name: string): string {
  const { register, status, quirks } = notes[name] as Notes;
  const options = byName(name)();
  const {
    displayName,
    urlVariables = {},
    scope,
    requestTokenUrl,
    tokenEndpointAuthMethod,
  } = options;
  const protocol = requestTokenUrl
    ? 'OAuth 1.0a'
    : String(scope).includes('openid')
      ? 'OpenID Connect'
      : 'OAuth 2';
  const needed = Object.entries(urlVariables).filter(([, { default: value }]) => !value);
  const given = needed.map(([variable]) => `${variable}: '…'`).join(', ');
  const prefix = name.toUpperCase();
  const variables = Object.entries(urlVariables).map(
    ([variable, { default: value }]) =>
      `- \`${variable}\`: ${value ? `\`${value}\` unless you say otherwise` : 'yours to give'}`,
  );
  return `<!-- Written by \`pnpm docs:providers\`; change the preset or test/data/provider-notes.json. -->

# ${displayName} (\`${name}\`)

${protocol}. ${status === 'live' ? '' : `Access to it is ${status}.`}

## Register the application

Register it at <${register}>, with the redirect URI \`https://app.example/callback/${name}\`.
${tokenEndpointAuthMethod === 'none' ? `Set \`${prefix}_CLIENT_ID\`` : `Set \`${prefix}_CLIENT_ID\` and \`${prefix}_CLIENT_SECRET\``} in the environment.

## Use it

\`\`\`ts
import { OAuth } from '@oauth-registry/express';
import { ${name} } from '@oauth-registry/core/providers';

const oauth = new OAuth().register('${name}', ${name}(${given ? `{ ${given} }` : ''}));
\`\`\`
${variables.length > 0 ? `\n${variables.join('\n')}\n` : ''}
## Scopes

${scope ? `By default \`${[scope].flat().join(' ')}\`.` : 'None by default.'} Give others as \`scope\`.

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
