import { OAuth, type RegisterOptions } from '@oauth-registry/core';
import { byName, names } from '@oauth-registry/core/providers';
import { describe, expect, it } from 'vitest';
import { described } from '../support/preset-login.js';

const basics = {
  clientId: 'app',
  clientSecret: 'secret',
  authorizeUrl: 'https://one.example/authorize',
  accessTokenUrl: 'https://one.example/token',
};

/** The identity of a user of a client; `claims` are those of an id_token, where there is one. */
function identityOf(
  options: RegisterOptions,
  claims: Record<string, unknown> = {},
  { name = 'it', config = {} }: { name?: string; config?: Record<string, string> } = {},
): string {
  const client = new OAuth({ config }).register(name, options).createClient(name);
  const userinfo = { sub: '42', raw: {}, ...claims };
  return client.identity({ access_token: 'at', token_type: 'Bearer', userinfo });
}

/** Another value for a variable of a preset, and whether it leads to another authority. */
const others: Record<string, Record<string, string>> = {
  keycloak: { host: 'other.example', realm: 'other' },
  auth0: { domain: 'other.eu.auth0.com' },
  authentik: { host: 'other.example', slug: 'other', app: 'other' },
  battlenet: { host: 'oauth.battlenet.com.cn' },
  cognito: { domain: 'other', region: 'us-east-1', userPoolId: 'us-east-1_b' },
  github: { host: 'github.corp.example' },
  gitlab: { host: 'gitlab.corp.example' },
  hydra: { host: 'other.projects.oryapis.com' },
  mastodon: { instance: 'other.example' },
  microsoft: { loginHost: 'login.microsoftonline.us' },
  okta: { domain: 'dev-2.okta.com', authorizationServer: 'other' },
  orcid: { host: 'sandbox.orcid.org' },
  paypal: { web: 'www.sandbox.paypal.com', api: 'api-m.sandbox.paypal.com' },
  pixelfed: { instance: 'other.example' },
  plentymarkets: { shop: 'other.example' },
  salesforce: { host: 'test.salesforce.com' },
  shopify: { shop: 'other.myshopify.com' },
  wikimedia: { host: 'wiki.corp.example' },
  wikimedia_oauth1: { host: 'wiki.corp.example' },
  zitadel: { domain: 'other.zitadel.cloud', host: 'other.zitadel.cloud' },
};

/** Variables that lead to the same users: versions, regions of one system, and the API beside the login. */
const sameUsers: Record<string, string[]> = {
  battlenet: ['region'],
  facebook: ['version'],
  microsoft: ['graphHost', 'tenant'],
  shopify: ['version'],
  stackexchange: ['site'],
  paypal: ['web'],
  cognito: ['domain'],
  intercom: ['region'],
  mercadolibre: ['host'],
  riot: ['cluster'],
  smartsheet: ['host'],
};

/** Servers of which users choose a part, and what the application fixes: once so, and once otherwise. */
const partlyChosen: [
  name: string,
  server: Record<string, string>,
  fixed: Record<string, string>,
  different: Record<string, string>,
][] = [
  ['keycloak', { realm: 'my realm' }, { host: 'a.example' }, { host: 'b.example' }],
  ['keycloak', { realm: 'x' }, { host: 'http://127.0.0.1:1' }, { host: 'http://127.0.0.1:2' }],
  ['keycloak', { host: 'a.example' }, { realm: 'größe' }, { realm: 'a+b' }],
  ['okta', { domain: 'a.okta.com' }, { authorizationServer: 'x' }, { authorizationServer: 'y' }],
  ['microsoft', { tenant: 'a' }, { loginHost: 'login.microsoftonline.us' }, {}],
];

/** A preset with all that its provider needs to be told. */
function preset(name: string): RegisterOptions {
  const options = described(name);
  return name === 'plentymarkets' ? byName(name)({ ...options, shop: 'one.example' }) : options;
}

const variables = names.flatMap((name) =>
  Object.keys(described(name).urlVariables ?? {}).map((variable) => [name, variable] as const),
);

describe('identity()', () => {
  it.each(variables)('of %s depends on %s if it leads to other users', (name, variable) => {
    const one = preset(name);
    const value = others[name]?.[variable] ?? 'other';
    const settings = { ...one.urlVariables?.[variable], value };
    const other = { ...one, urlVariables: { ...one.urlVariables, [variable]: settings } };
    const isSame = sameUsers[name]?.includes(variable) === true;
    expect(identityOf(other) === identityOf(one)).toBe(isSame);
  });

  it.each(names)(
    'of %s at the provider’s one public server is its name and the subject',
    (name) => {
      const options = preset(name);
      const open = Object.values(options.urlVariables ?? {}).some(
        (one) => one.default === undefined,
      );
      const isPublic = !open && !String(options.issuer).includes('{tenantid}');
      const short = `${options.provider}$42`;
      if (isPublic && options.serverLocator === undefined) expect(identityOf(options)).toBe(short);
      else if (open) expect(identityOf(options)).not.toBe(short);
    },
  );

  it.each(names)('of %s at another server names that server', (name) => {
    const options = preset(name);
    if (options.requestTokenUrl !== undefined || options.openid2Endpoint !== undefined) return;
    const elsewhere = { issuer: 'https://other.example', ...basics };
    const moved = byName(name)({ ...options, ...elsewhere });
    // An issuer whose id_token is not read does not vouch for the subject; the token endpoint does.
    const authority = options.idToken === 'ignore' ? 'one.example' : 'other.example';
    expect(identityOf(moved)).toBe(`${options.provider}$https://${authority}$42`);
    expect(identityOf({ ...options, ...elsewhere })).toBe(identityOf(moved));
  });

  it.each(partlyChosen)(
    'of %s tells servers apart by what the application has fixed too, if users choose %j',
    (name, server, fixed, different) => {
      const of = (values: Record<string, string>): string => {
        const options = { ...byName(name)(values), servers: () => true, clientId: 'app' };
        const client = new OAuth({ config: {} }).register('it', { ...options, clientSecret: 's' });
        const userinfo = { sub: '42', raw: {} };
        return client.it.identity({ access_token: 'at', token_type: 'Bearer', server, userinfo });
      };
      expect(of(fixed)).not.toBe(of(different));
    },
  );

  it('does not depend on the version of an API, if users choose the server', () => {
    const of = (version: string): string =>
      new OAuth({ config: {} })
        .register('it', { ...byName('shopify')({ version }), clientId: 'app', clientSecret: 's' })
        .it.identity({
          access_token: 'at',
          token_type: 'Bearer',
          server: { shop: 'ada.myshopify.com' },
          userinfo: { sub: '42', raw: {} },
        } as never);
    expect(of('2026-10')).toBe('shopify$ada.myshopify.com$42');
    expect(of('2027-01')).toBe(of('2026-10'));
  });

  it('names the issuer of a client that has one, given or by its metadata URL', () => {
    const { authorizeUrl: _, accessTokenUrl: __, ...credentials } = basics;
    const issuer = 'https://id.example/realms/staff';
    const expected = `it$${issuer}$42`;
    const wellKnown = `${issuer}/.well-known/openid-configuration`;
    expect(identityOf({ ...basics, issuer })).toBe(expected);
    for (const serverMetadataUrl of [wellKnown, `${wellKnown}/`, `${wellKnown}?p=1`]) {
      expect(identityOf({ ...credentials, serverMetadataUrl })).toBe(expected);
    }
    const config = { IT_ISSUER: issuer };
    expect(identityOf(credentials, {}, { config })).toBe(expected);
  });

  it('takes the tenant that an id_token names if the issuer is a template', () => {
    const options = {
      ...basics,
      issuer: 'https://id.example/{tenantid}/v2.0',
      tenants: ['a', 'b'],
    };
    const of = (tenant: string) =>
      identityOf(options, { iss: `https://id.example/${tenant}/v2.0` });
    expect(of('a')).toBe('it$https://id.example/a/v2.0$42');
    expect(of('b')).not.toBe(of('a'));
  });

  it('ignores an issuer that an unsigned profile names beside the one of the client', () => {
    const options = { ...basics, issuer: 'https://evil.example' };
    expect(identityOf(options, { iss: 'https://good.example' })).toBe('it$https://evil.example$42');
  });

  it('is the name and the subject for a client of which no more is known', () => {
    expect(identityOf(basics)).toBe('it$42');
    expect(identityOf({ ...basics, provider: 'codehub' })).toBe('codehub$42');
  });

  it('stays short if the application says which authority is the public one', () => {
    const issuer = 'https://id.example';
    expect(identityOf({ ...basics, issuer, publicAuthority: issuer })).toBe('it$42');
    expect(identityOf({ ...basics, issuer, publicAuthority: `${issuer}/` })).not.toBe('it$42');
  });

  it('is another for each pair of authority and subject, whatever characters they have', () => {
    const issuers = [
      'https://a.example',
      'https://a.example/',
      'https://a.example/t',
      'https://a.example/t$x',
      'https://a.example/t%24x',
      'https://b.example',
    ];
    const subjects = [
      '42',
      'x$42',
      '$42',
      '$',
      'https://a.example/42',
      'https://a.example/t$42',
      'https://b.example$42',
      'https://b.example/42',
      '%2442',
    ];
    const clients = [basics, ...issuers.map((issuer) => ({ ...basics, issuer }))];
    const all = clients.flatMap((options) => subjects.map((sub) => identityOf(options, { sub })));
    expect(new Set(all).size).toBe(all.length);
  });

  it('lets no server of a preset name the user of another', () => {
    const alice = 'https://good.example/users/alice';
    const of = (instance: string) =>
      identityOf(byName('mastodon')({ clientId: 'a', clientSecret: 's', instance }), {
        sub: alice,
      });
    expect(of('good.example')).toBe(`mastodon$${alice}`);
    expect(of('evil.example')).not.toBe(of('good.example'));
  });
});
