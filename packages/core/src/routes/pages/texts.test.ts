import { describe, expect, it } from 'vitest';
import { byName, names } from '../../providers.js';
import { questionsOf } from '../../options/server-choice.js';
import { languages } from './languages.js';
import { english, fill, labelOf } from './texts.js';

const variables = (text: string): string[] => text.match(/\{\w+\}/g) ?? [];

/** The labels of the fields of every preset. */
const labels = [
  ...new Set(
    names.flatMap((name) => {
      const options = byName(name)({ clientId: 'a', clientSecret: 'b' } as never);
      return questionsOf(options as never).map(({ label }) => label);
    }),
  ),
];

describe.each(Object.entries(languages))('the texts of the pages in %s', (_language, texts) => {
  it('[D4] are as many as in English, none is empty or the same, and they have the same variables', () => {
    expect(Object.keys(texts).toSorted()).toEqual(Object.keys(english).toSorted());
    for (const [name, text] of Object.entries(english)) {
      const translated: unknown = texts[name as keyof typeof texts];
      if (typeof text !== 'string' || typeof translated !== 'string') continue;
      expect(variables(translated), name).toEqual(variables(text));
      expect(translated.trim(), name).not.toBe('');
      // A word of both languages.
      if (name !== 'details') expect(translated, name).not.toBe(text);
    }
  });

  it.each(labels)('[D4] have a label for the field "%s" of a preset', (label) => {
    const translated = labelOf(label, texts.questions ?? {});
    expect(translated).not.toBe(label);
    expect(translated).not.toMatch(/\*|Your/);
  });
});

describe('a text of the pages', () => {
  it('takes a name literally', () => {
    expect(fill('Continue with {provider}', '$& {provider}')).toBe('Continue with $& {provider}');
    expect(labelOf('Your $& server', { 'Your * server': 'Ihr *-Server' })).toBe('Ihr $&-Server');
  });

  it.each(['constructor', '__proto__', 'Your constructor server'])(
    'is the own label for a question without one: %s',
    (label) => expect(labelOf(label, {})).toBe(label),
  );
});
