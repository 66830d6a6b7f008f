import { describe, expect, it } from 'vitest';
import { documented, type Documented } from '../data/provider-profiles.js';
import { login, samples } from '../support/preset-login.js';

/** Logs the person in; the token is the sample's, where the documentation has none of its own. */
async function userOf({ preset, token, ...script }: Documented) {
  const sample = samples[preset];
  const given = { extra: {}, ...script, token: token ?? sample?.token ?? {} };
  const { client, token: issued } = await login(preset, given);
  return { atLogin: issued.userinfo ?? {}, later: await client.userinfo({ token: issued }) };
}

const rows = documented.map((row) => [`${row.preset}${row.what ? `, ${row.what}` : ''}`, row]);

describe('a documented profile', () => {
  it.each(rows as [string, Documented][])('[M3][X5] of %s', async (_title, row) => {
    const { atLogin, later } = await userOf(row);
    const { raw: _, ...claims } = later;
    const fromEndpoint = row.idToken === undefined || row.profile === undefined;
    expect(fromEndpoint ? claims : { ...atLogin, ...claims }).toMatchObject(row.expect);
    expect(atLogin.sub).toBe(row.expect['sub'] ?? atLogin.sub);
    expect(atLogin.email_verified).toBe(row.expect['email_verified'] ?? false);
    for (const claim of row.absent ?? []) {
      expect([claim, claim in claims, claim in atLogin]).toEqual([claim, false, false]);
    }
  });
});
