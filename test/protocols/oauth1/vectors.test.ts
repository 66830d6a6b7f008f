import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { signRequest } from '@oauth-registry/core/oauth1';
import { describe, expect, it } from 'vitest';
import { sectionSizes, testKey } from '../../data/oauth1-vectors.js';
import { readHeader } from '../../support/oauth1-header.js';

const unitTests = join(import.meta.dirname, '../../../packages/core/src/protocols/oauth1');

describe('[A7] the vectors', () => {
  it('all run: a test reads every section', () => {
    const tests = readdirSync(unitTests, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.test.ts'))
      .map((file) => readFileSync(join(unitTests, file), 'utf8'))
      .join('\n');
    // The rules of the flow are sentences; the tests of logins and attacks show each.
    const { flow_rules: rules, ...sections } = sectionSizes();
    expect(rules).toBe(9);
    const unread = Object.keys(sections).filter((section) => !tests.includes(`('${section}')`));
    expect(unread).toEqual([]);
    expect(Object.values(sections).reduce((sum, size) => sum + size, 0)).toBe(144);
  });

  it('of the OAuth test cases wiki for RSA-SHA1: the photo it calls vacaction.jpg', async () => {
    const signed = await signRequest(
      { method: 'GET', url: 'http://photos.example.net/photos?file=vacaction.jpg&size=original' },
      { clientId: 'dpf43f3p2l4k3l03', rsaKey: testKey('wiki-rsa') },
      { signatureMethod: 'RSA-SHA1', nonce: '13917289812797014437', timestamp: '1196666512' },
    );
    expect(readHeader(signed)['oauth_signature']).toBe(
      'jvTp/wX1TYtByB1m+Pbyo0lnCOLIsyGCH7wke8AUs3BpnwZJtAuEJkvQL2/9n4s5wUmUl4aCI4BwpraNx4RtEXMe5qg5' +
        'T1LVTGliMRpKasKsW//e+RinhejgCuzoH26dyF8iY2ZZ/5D1ilgeijhV/vBka5twt399mXwaYdCwFYE=',
    );
  });
});
