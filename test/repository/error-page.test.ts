import { OAuthError, type OAuthErrorCode } from '@oauth-registry/core';
import { format, resolveConfig } from 'prettier';
import { describe, expect, it } from 'vitest';
import { errorCodes, type ErrorEntry } from '../data/error-codes.js';

const entries = Object.entries(errorCodes) as [OAuthErrorCode, ErrorEntry][];

function page(): string {
  const section = ([code, { cause, remedy, spec }]: [OAuthErrorCode, ErrorEntry]): string =>
    [
      `### ${code}`,
      cause,
      `**What to do:** ${remedy}`,
      ...(spec ? [`Defined in ${spec}.`] : []),
    ].join('\n\n');
  const own = entries.filter(([, { spec }]) => spec === undefined);
  const specified = entries.filter(([, { spec }]) => spec !== undefined);
  return [
    '# Error codes',
    '<!-- Written by test/repository/error-page.test.ts from test/data/error-codes.ts. -->',
    'Every code of an `OAuthError`, with its cause and what to do. `error.docs` is the path of the entry. How to handle errors is in the [guide](guide.md#error-handling).',
    '## Codes of this library',
    ...own.map(section),
    '## Codes of the specifications',
    'The provider sent them; its own text is in `error.error_description`.',
    ...specified.map(section),
    '',
  ].join('\n\n');
}

describe('the page of the error codes', () => {
  it('has an entry for each code; the test with `-u` writes it', async () => {
    const style = await resolveConfig(import.meta.filename);
    const text = await format(page(), { ...style, parser: 'markdown' });
    await expect(text).toMatchFileSnapshot('../../docs/errors.md');
  });

  it.each(entries.map(([code]) => code))(
    'has the entry that the docs of an error name: %s',
    (code) => {
      const { docs } = new OAuthError(code, 'message');
      expect(docs).toBe(`/errors#${code}`);
      expect(page()).toContain(`\n### ${code}\n`);
    },
  );
});
