import { describe, expect, it } from 'vitest';
import { acceptsIssuer } from './issuer.js';

describe('an issuer template', () => {
  const options = { issuer: 'https://id.example/{tenant}/v2.0', tenants: () => true };
  const of = (tenant: string): string => `https://id.example/${tenant}/v2.0`;

  it('[A21] takes no other tenant than the one whose metadata was read', () => {
    expect(acceptsIssuer(options, { issuer: of('a') }, of('a'))).toBe(true);
    expect(acceptsIssuer(options, { issuer: of('a') }, of('b'))).toBe(false);
  });

  it('[A21] takes every tenant that is allowed, if the metadata is for all of them', () => {
    for (const told of [{ issuer: of('{tenantid}') }, {}]) {
      expect(acceptsIssuer(options, told, of('b'))).toBe(true);
      expect(acceptsIssuer({ ...options, tenants: ['a'] }, told, of('b'))).toBe(false);
    }
  });
});
