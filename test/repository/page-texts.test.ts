import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { english } from '../../packages/core/src/routes/pages/texts.js';
import { root } from './docs-samples.js';

it('[D4] docs/login.md lists every text of the pages in English', () => {
  const page = readFileSync(join(root, 'docs/login.md'), 'utf8');
  const listed = [...page.matchAll(/^\| `(\w+)` +\| (.*?) +\|$/gm)]
    .map(([, name = '', text]) => [name, text] as const)
    .filter(([name]) => name in english);
  const texts = Object.entries(english).filter(([, text]) => typeof text === 'string');
  expect(Object.fromEntries(listed)).toEqual(Object.fromEntries(texts));
});
