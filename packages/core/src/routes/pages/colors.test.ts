import { names, byName } from '../../providers.js';
import { describe, expect, it } from 'vitest';
import { contrast, inks, markColor, surfaces } from './colors.js';

describe('the colour of a mark', () => {
  it('[D6] is the brand’s if that can be made out in the light and in the dark', () => {
    expect(markColor('#5865f2')).toBe('#5865f2');
  });

  it.each([
    ['#ffffff', `light-dark(${inks.light}, #ffffff)`],
    ['#181717', `light-dark(#181717, ${inks.dark})`],
  ])('[D6] is the text’s if nothing would be left of the brand’s: %s', (brand, css) => {
    expect(markColor(brand)).toBe(css);
  });

  it.each(names)('[D6] has a contrast of 3 at least: %s (WCAG 2.2 §1.4.11)', (name) => {
    const { brandColor = '' } = byName(name)({ clientId: 'a', clientSecret: 'b' });
    const [light = '', dark = light] = markColor(brandColor).match(/#[\da-f]{6}/g) ?? [];
    expect(contrast(light, surfaces.light)).toBeGreaterThanOrEqual(3);
    expect(contrast(dark, surfaces.dark)).toBeGreaterThanOrEqual(3);
  });
});
