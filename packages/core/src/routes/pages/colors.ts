/** Background colours of buttons and pages, in light and dark mode. */
export const surfaces = { light: '#ffffff', dark: '#1e293b' } as const;

/** Their text colours. */
export const inks = { light: '#0f172a', dark: '#f1f5f9' } as const;

/** A colour for light mode and one for dark mode, `#rrggbb`. */
export interface Pair {
  light: string;
  dark: string;
}

/** Returns a CSS colour that follows the colour scheme. */
export function lightDark({ light, dark }: Pair): string {
  return light === dark ? light : `light-dark(${light}, ${dark})`;
}

/**
 * Adds the rules with `light-dark()` once more for browsers without it, in which the colours follow
 * the system's setting. The rules must not be nested.
 */
export function withFallback(css: string): string {
  const rules = css.split('}').filter((rule) => rule.includes('light-dark('));
  if (rules.length === 0) return css;
  const pick = (color: '$1' | '$2'): string =>
    rules.map((rule) => `${rule.replaceAll(/light-dark\((#\w+), (#\w+)\)/g, color)}}`).join('');
  return `${css}
@supports not (color: light-dark(red, red)) {${pick('$1')}
@media (prefers-color-scheme: dark) {${pick('$2')} } }`;
}

/** The colours around a mark. */
export interface MarkColors {
  surface: Pair;
  ink: Pair;
}

/**
 * Returns the colour of a mark: the brand colour, shifted towards the text colour until its
 * contrast suffices (WCAG 2.2 §1.4.11); if too little of it would remain, the text colour.
 */
export function markColor(
  brand: string,
  { surface, ink }: MarkColors = { surface: surfaces, ink: inks },
): string {
  const on = (mode: 'light' | 'dark'): string =>
    [0, 0.1, 0.2, 0.3, 0.4]
      .map((part) => mix(brand, ink[mode], part))
      .find((color) => contrast(color, surface[mode]) >= 3) ?? ink[mode];
  return lightDark({ light: on('light'), dark: on('dark') });
}

function mix(color: string, other: string, part: number): string {
  const levels = channels(color).map((level, at) => {
    return Math.round(level + ((channels(other)[at] ?? 0) - level) * part);
  });
  return `#${levels.map((level) => level.toString(16).padStart(2, '0')).join('')}`;
}

function channels(color: string): number[] {
  return [1, 3, 5].map((at) => Number.parseInt(color.slice(at, at + 2), 16));
}

/** Returns the contrast of two colours, `#rrggbb`: 1 to 21 (WCAG 2.2, "contrast ratio"). */
export function contrast(one: string, other: string): number {
  const ratio = (luminance(one) + 0.05) / (luminance(other) + 0.05);
  return Math.max(ratio, 1 / ratio);
}

function luminance(color: string): number {
  const [red = 0, green = 0, blue = 0] = channels(color).map((channel) => {
    const level = channel / 255;
    return level <= 0.04045 ? level / 12.92 : ((level + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
