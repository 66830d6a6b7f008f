import { describe, expect, it } from 'vitest';
import { acceptedLanguage, directionOf, isLanguageTag } from './language.js';

describe('the language of a page', () => {
  it.each([
    [undefined, 'en'],
    ['', 'en'],
    ['de', 'de'],
    ['de-AT,de;q=0.9,en;q=0.8', 'de'],
    ['en;q=0.5, de;q=0.7', 'de'],
    ['nl, fr;q=0.1', 'fr'],
    ['DE-ch', 'de'],
    ['pt', 'pt-BR'],
    ['pt-PT', 'pt-BR'],
    ['pt-br', 'pt-BR'],
    ['nl', 'en'],
    ['*', 'en'],
    ['nl, *;q=0.1, fr;q=0', 'en'],
    ['de;q=0, fr', 'fr'],
    ['de;q=nonsense', 'en'],
    [',;=,;;q=,', 'en'],
    ['x'.repeat(100_000), 'en'],
  ])('is the one that a user prefers: %s (RFC 4647 §3.4)', (header, language) => {
    expect(acceptedLanguage(['en', 'de', 'fr', 'pt-BR'], header)).toBe(language);
  });

  it.each([
    ['en', 'ltr'],
    ['de-AT', 'ltr'],
    ['ar', 'rtl'],
    ['he-IL', 'rtl'],
    ['az-Arab', 'rtl'],
    ['ar-Latn', 'ltr'],
    ['ur', 'rtl'],
  ])('%s is written %s', (language, direction) => {
    expect(directionOf(language)).toBe(direction);
  });

  it.each([
    ['de', true],
    ['pt-BR', true],
    ['zh-Hant-TW', true],
    ['de_AT', false],
    ['', false],
    ['"><script>', false],
    [['de', 'en'], false],
    [undefined, false],
  ])('may be %j: %s (BCP 47)', (tag, isTag) => {
    expect(isLanguageTag(tag)).toBe(isTag);
  });
});
