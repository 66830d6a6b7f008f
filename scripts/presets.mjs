// Writes the list of presets from their files. With a name (`pnpm new:preset NAME`) it first writes a preset, its sample,
// notes and sources to fill in; then run `pnpm docs:providers` for its page.
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const providers = join(root, 'packages/core/src/providers');
const data = (kind) => join(root, `test/data/provider-${kind}.json`);
const [name] = process.argv.slice(2);

if (name !== undefined) create(name);
const files = readdirSync(join(providers, 'presets')).filter((file) => file.endsWith('.ts'));
const lines = files.map((file) => {
  const code = readFileSync(join(providers, 'presets', file), 'utf8');
  const [, exported] = /^export (?:const|function) (\w+)/m.exec(code) ?? [];
  return `export { ${exported} } from './presets/${file.replace(/\.ts$/, '.js')}';\n`;
});
const head = '/** Every preset of an active provider, by its name. Written by `pnpm presets`. */\n';
writeFileSync(join(providers, 'living.ts'), head + lines.toSorted().join(''));

function create(preset) {
  if (!/^[a-z][a-z\d_]*$/.test(preset)) {
    throw new Error('The name of a preset has lower-case letters, digits and underscores.');
  }
  const file = join(providers, 'presets', `${preset.replaceAll('_', '-')}.ts`);
  if (existsSync(file)) throw new Error(`There is a preset "${preset}": ${file}`);
  const title = preset[0].toUpperCase() + preset.slice(1);
  writeFileSync(file, source(preset, title));
  add('samples', preset, {
    token: { access_token: 'at', token_type: 'Bearer', expires_in: 3600 },
    profile: { id: 1, name: 'Ada Lovelace', email: 'ada@example.com' },
    expect: { sub: '1', name: 'Ada Lovelace', email: 'ada@example.com', email_verified: false },
  });
  add('notes', preset, {
    register: `https://${preset}.example/developers`,
    status: 'live',
    quirks: ['What a developer must know, one sentence each.'],
  });
  add('sources', preset, {
    checked: new Date().toISOString().slice(0, 10),
    confidence: 'low',
    sources: ['the pages of the documentation that each fact comes from'],
  });
  console.log(`Fill in ${file} and the entry "${preset}" of test/data/provider-*.json.`);
}

function add(kind, preset, entry) {
  const all = { ...JSON.parse(readFileSync(data(kind), 'utf8')), [preset]: entry };
  const sorted = Object.entries(all).toSorted(([a], [b]) => (a < b ? -1 : 1));
  writeFileSync(data(kind), `${JSON.stringify(Object.fromEntries(sorted), null, 2)}\n`);
}

function source(preset, title) {
  return `import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/** ${title} (OAuth 2). What differs from the specification, in a sentence. */
export const ${preset}: OAuth2Preset = oauth2Preset({
  provider: '${preset}',
  displayName: '${title}',
  brandColor: '#000000',
  authorizeUrl: 'https://${preset}.example/oauth/authorize',
  accessTokenUrl: 'https://${preset}.example/oauth/token',
  userinfoEndpoint: 'https://api.${preset}.example/me',
  apiBaseUrl: 'https://api.${preset}.example/',
  scope: 'profile',
  tokenEndpointAuthMethod: 'client_secret_basic',
  profile: {
    sub: '$.id',
    name: '$.name',
    email: '$.email',
  },
});
`;
}
