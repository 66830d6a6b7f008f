import { describe, expect, it } from 'vitest';
import { readEnvText } from '../../packages/cli/src/env-file.js';

describe('the .env file of the command line', () => {
  it('is read as Node.js does', () => {
    const text = `# a comment\n\nA=1\nexport B = "two words"\nC='a#b' # c\nKEY="-----BEGIN\nx=\n-----END"\r\nD=4`;
    const { values, problems } = readEnvText(text, '.env');
    expect(values).toMatchObject({ A: '1', B: 'two words', C: 'a#b', D: '4' });
    expect(values['KEY']).toBe('-----BEGIN\nx=\n-----END');
    expect(problems).toEqual([]);
  });

  it.each([
    ['has no value', 'A=1\nGITHUB_CLIENT_ID=', '.env, line 2: GITHUB_CLIENT_ID has no value.'],
    ['has only quotation marks', 'A=""', '.env, line 1: A has no value.'],
    [
      'has a colon',
      '\nGITHUB_CLIENT_ID: s3cret',
      '.env, line 2: it has no NAME=value and is ignored. Write GITHUB_CLIENT_ID=value.',
    ],
    [
      'is a value alone',
      's3cret',
      '.env, line 1: it has no NAME=value and is ignored. Write NAME=value.',
    ],
    [
      'is not closed',
      'A="s3cret\nB=2',
      '.env, line 1: the value of A begins with " and does not end with it.',
    ],
  ])('names the file and the line that %s, and not its value', (_, text, message) => {
    const { problems } = readEnvText(text, '.env');
    expect(problems).toEqual([expect.stringContaining(message)]);
    expect(problems.join('')).not.toContain('s3cret');
  });
});
