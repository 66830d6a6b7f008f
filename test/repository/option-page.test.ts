import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { OAuth, type OAuthError } from '@oauth-registry/core';
import { format, resolveConfig } from 'prettier';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { defaultLimits } from '../../packages/core/src/options/limits.js';
import { defaultRefresh } from '../../packages/core/src/options/refresh.js';

const core = join(import.meta.dirname, '../../packages/core/src');

/** The modules that declare options. */
const modules = [
  ...readdirSync(join(core, 'options')).map((file) => `options/${file}`),
  'quirks/types.ts',
  'quirks/profile-types.ts',
  'platform/http/http.ts',
];

interface Option {
  name: string;
  /** The declared type, without `undefined`. */
  type: string;
  /** The whole doc comment, on one line. */
  text: string;
}

interface Group {
  name: string;
  text: string;
  extended: string[];
  options: Option[];
}

function docOf(node: ts.Node): string {
  const [doc] = ts.getJSDocCommentsAndTags(node);
  const comment = doc && ts.isJSDoc(doc) ? ts.getTextOfJSDocComment(doc.comment) : '';
  return (comment ?? '').replaceAll(/\s+/g, ' ').trim();
}

function typeOf(node: ts.TypeNode): string {
  const parts = ts.isUnionTypeNode(node) ? node.types : [node];
  const given = parts.filter(({ kind }) => kind !== ts.SyntaxKind.UndefinedKeyword);
  const [only] = given;
  const shown =
    given.length === 1 && only && ts.isParenthesizedTypeNode(only) ? [only.type] : given;
  return shown.map((part) => part.getText().replaceAll(/\s+/g, ' ')).join(' | ');
}

function optionOf(node: ts.TypeElement): Option[] {
  if (!ts.isPropertySignature(node) || node.type === undefined) return [];
  return [{ name: node.name.getText(), type: typeOf(node.type), text: docOf(node) }];
}

/** The interfaces of the modules, by name. */
const groups = new Map<string, Group>(
  modules.flatMap((file) => {
    const text = readFileSync(join(core, file), 'utf8');
    const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
    return source.statements.filter(ts.isInterfaceDeclaration).map((node): [string, Group] => [
      node.name.text,
      {
        name: node.name.text,
        text: docOf(node),
        extended: (node.heritageClauses ?? []).flatMap((clause) =>
          clause.types.map(({ expression }) => expression.getText()),
        ),
        options: node.members.flatMap(optionOf),
      },
    ]);
  }),
);

function groupNamed(name: string): Group {
  const group = groups.get(name);
  if (!group) throw new Error(`No module of this test declares ${name}.`);
  return group;
}

/** A group and the groups it extends, its own options first. */
function withExtended(name: string): string[] {
  return [name, ...groupNamed(name).extended.flatMap(withExtended)];
}

const protocols = {
  'OAuth 2': withExtended('OAuth2Options'),
  'OAuth 1.0a': withExtended('OAuth1Options'),
  'OpenID 2.0': withExtended('OpenId2Options'),
};
const ofRegister = [
  ...new Set([
    'CommonOptions',
    'OAuth2Options',
    'OAuth1Options',
    'OpenId2Options',
    ...Object.values(protocols).flat(),
  ]),
];
const ofRegistry = [...withExtended('OAuthOptions'), 'RefreshSettings', 'Limits'];

const specification =
  '(?:RFC \\d+|OpenID Connect (?:Core|Discovery|Dynamic Client Registration|(?:RP-Initiated|Back-Channel|' +
  'Front-Channel) Logout)|' +
  'OpenID Authentication 2\\.0|JARM|CIBA Core|FAPI 1\\.0 Advanced|OAuth 2\\.0 Multiple Response Types|' +
  'OAuth Client ID Metadata Document)(?: §[\\d.]*\\d(?:, §[\\d.]*\\d)*)?';

function citationsIn(text: string): string[] {
  return [...new Set(text.match(new RegExp(specification, 'g')))];
}

function specificationsOf(text: string): string {
  return citationsIn(text).map(linked).join(', ');
}

/** To the registry, OpenID Connect is OAuth 2; the cited specifications distinguish them. */
function protocolsOf(group: string, { text }: Option): string {
  const found = Object.entries(protocols).filter(([, names]) => names.includes(group));
  if (found.length === 3) return 'all';
  const cited = citationsIn(text);
  const openid = cited.filter((one) => /^(?:OpenID Connect|CIBA|FAPI)/.test(one));
  return found
    .flatMap(([protocol]) => {
      if (protocol !== 'OAuth 2' || openid.length === 0) return [protocol];
      return openid.length < cited.length ? [protocol, 'OpenID Connect'] : ['OpenID Connect'];
    })
    .join(', ');
}

function linked(cited: string): string {
  const [, number, part] = /^RFC (\d+)(?: §([\d.]+))?/.exec(cited) ?? [];
  const anchor = part ? `#section-${part}` : '';
  return number ? `[${cited}](https://www.rfc-editor.org/rfc/rfc${number}${anchor})` : cited;
}

const defaultSentence = /(?:^| )Default: (.+?)\.(?= |$)/;

function defaultOf({ text }: Option): string | undefined {
  return defaultSentence.exec(text)?.[1];
}

function unitOf({ type, text }: Option): string | undefined {
  if (type !== 'number') return undefined;
  return /\b(milliseconds|seconds|bytes|logins|sessions|tokens|clients|servers|keys|refetches per minute)\b/i
    .exec(text)?.[1]
    ?.toLowerCase();
}

/** The text without the default and the sections, which are listed after it. */
function descriptionOf(text: string): string {
  return text
    .replace(defaultSentence, '')
    .replaceAll(new RegExp(` \\(${specification}(?:, ${specification})*\\)`, 'g'), '');
}

function entry(option: Option, group: string): string {
  const facts = {
    Type: `\`${option.type}\``,
    Default: defaultOf(option) ?? 'none',
    Unit: unitOf(option),
    Protocol: protocolsOf(group, option) || undefined,
    Specification: specificationsOf(option.text) || undefined,
  };
  const line = Object.entries(facts)
    .filter(([, fact]) => fact !== undefined)
    .map(([name, fact]) => `${name}: ${fact}`)
    .join(' · ');
  return `#### \`${option.name}\`\n\n${descriptionOf(option.text)}\n\n${line}`;
}

/** A group, titled by the first sentence of its doc comment, without `Options for`. */
function section(name: string): string[] {
  const { text, options } = groupNamed(name);
  if (options.length === 0) return [];
  const [, title = '', more = ''] =
    /^(?:Options for )?(.+?)[.:](?: (.*)|$)/.exec(descriptionOf(text)) ?? [];
  const cited = specificationsOf(text);
  return [
    `### ${title.charAt(0).toUpperCase()}${title.slice(1)}`,
    `Interface: \`${name}\`${cited && ` · Specification: ${cited}`}`,
    more,
    ...options.map((option) => entry(option, name)),
  ];
}

function page(): string {
  return [
    '# Options',
    '<!-- Written by test/repository/option-page.test.ts from the doc comments of packages/core/src/options. -->',
    'Every option of `register()` and `new OAuth()`, the common ones first. `{NAME}` is the name of the client in ' +
      'capitals: the [configuration](guide.md#configuration-by-name) sets URLs, credentials, the scope and parameters.',
    'The names `authorizeUrl`, `accessTokenUrl`, `requestTokenUrl`, `refreshTokenUrl`, their `…Params`, `apiBaseUrl`, ' +
      '`serverMetadataUrl` and the hooks are those of Authlib; other endpoints, `issuer` and `jwksUri` have their names ' +
      'in the provider metadata of OpenID Connect Discovery, and `tokenEndpointAuthMethod`, `idTokenSignedResponseAlg` ' +
      'and similar options theirs in the client metadata of RFC 7591. All are in camelCase. The members of Authlib’s ' +
      '`client_kwargs` are options themselves.',
    'A URL may be a string or a `URL` object, also if the type is `string`. A `URL` object has no empty path, so give an ' +
      'issuer such as `https://provider.example/` as a string. Options of OAuth 2 apply to OpenID Connect too, which ' +
      'extends it.',
    '## Options of `register()`',
    ...ofRegister.flatMap(section),
    '## Options of `new OAuth()`',
    ...ofRegistry.flatMap(section),
    '',
  ].join('\n\n');
}

/** The names that a call lists when it is given an unknown one. */
function knownTo(call: () => unknown): string[] {
  try {
    call();
  } catch (error) {
    const { message } = error as OAuthError;
    return /Known options: (.*)\.$/.exec(message)?.[1]?.split(', ').toSorted() ?? [];
  }
  return [];
}

function namesOf(names: readonly string[]): string[] {
  const found = names.flatMap((name) => groupNamed(name).options);
  return [...new Set(found.map(({ name }) => name))].toSorted();
}

describe('the page of the options', () => {
  it('is up to date; the test with `-u` writes it', async () => {
    const style = await resolveConfig(import.meta.filename);
    const text = await format(page(), { ...style, parser: 'markdown' });
    await expect(text).toMatchFileSnapshot('../../docs/options.md');
  });

  it('has every option', () => {
    const unknown = { '?': 1 } as object;
    expect(namesOf(ofRegister)).toEqual(knownTo(() => new OAuth().register('x', unknown)));
    expect(namesOf(withExtended('OAuthOptions'))).toEqual(knownTo(() => new OAuth(unknown)));
  });

  it('has every option that the hover of RegisterOptions names', () => {
    const named = [...groupNamed('RegisterOptions').text.matchAll(/`(\w+)`/g)];
    const names = named.map(([, name = '']) => name);
    expect(names.slice(0, 3)).toEqual(['clientId', 'clientSecret', 'scope']);
    expect(names.length).toBeLessThan(20);
    expect(names.filter((name) => !namesOf(ofRegister).includes(name))).toEqual([]);
  });

  it('describes each, and states the default of each switch, number and choice, and the unit of each number', () => {
    const all = [...ofRegister, ...ofRegistry].flatMap((name) => groupNamed(name).options);
    const undescribed = all.filter(({ text }) => descriptionOf(text).trim() === '');
    const choices = all.filter(({ type }) => /^(?:boolean|number|'.*')$/.test(type));

    expect(undescribed).toEqual([]);
    expect(choices.filter((option) => defaultOf(option) === undefined)).toEqual([]);
    expect(all.filter((one) => one.type === 'number' && unitOf(one) === undefined)).toEqual([]);
  });

  it.each(Object.entries({ ...defaultLimits, ...defaultRefresh }))(
    'states the default that applies: %s is %d',
    (name, value) => {
      const all = ['RefreshSettings', 'Limits'].flatMap((group) => groupNamed(group).options);
      const stated = all.filter((option) => option.name === name).map(defaultOf);
      expect(stated.join().replaceAll(/,(?=\d{3})/g, '')).toMatch(new RegExp(`\\b${value}\\b`));
    },
  );
});
