import { contrast, inks, lightDark, surfaces, withFallback, type Pair } from './colors.js';

/** A colour for light mode and one for dark mode, each `#rrggbb`. */
export type ColorPair = readonly [light: string, dark: string];

/** Colours of the pages and their buttons, in pairs. Each default is readable on the others. */
export interface PageTheme {
  /** Of the page. */
  background?: ColorPair | undefined;
  /** Contrast to `background`: 4.5 or more. */
  text?: ColorPair | undefined;
  /** Background of buttons. */
  button?: ColorPair | undefined;
  /** Contrast to `button`: 4.5 or more. */
  buttonText?: ColorPair | undefined;
  /** Border of buttons and fields; contrast to `background`: 3 or more. */
  border?: ColorPair | undefined;
  /** Outline of what has the focus; contrast to `background`: 3 or more. */
  focus?: ColorPair | undefined;
  /** Radius of the corners of buttons and fields, as CSS. Default: `.625rem`. */
  radius?: string | undefined;
  /** Font family, as CSS. Default: `system-ui, sans-serif`. */
  font?: string | undefined;
}

type ColorName = Exclude<keyof PageTheme, 'radius' | 'font'>;

/** The default colours. */
const colors: Readonly<Record<ColorName, ColorPair>> = {
  background: ['#f8fafc', '#0f172a'],
  text: [inks.light, inks.dark],
  button: [surfaces.light, surfaces.dark],
  buttonText: [inks.light, inks.dark],
  border: ['#7f8ba0', '#64748b'],
  focus: ['#2563eb', '#93c5fd'],
};

/** The contrasts that a theme needs. @see https://www.w3.org/TR/WCAG22/#contrast-minimum */
const contrasts: readonly [of: ColorName, on: ColorName, least: number][] = [
  ['text', 'background', 4.5],
  ['buttonText', 'button', 4.5],
  ['border', 'background', 3],
  ['focus', 'background', 3],
];

/** Returns a colour of a theme in light and dark mode, or the default. */
export function colorsOf(theme: PageTheme, name: ColorName): Pair {
  const [light, dark] = theme[name] ?? colors[name];
  return { light, dark };
}

/** Returns a CSS colour that a custom property may override. */
export function themed(property: string, name: ColorName): string {
  return `var(--oauth-${property}, ${lightDark(colorsOf({}, name))})`;
}

/** Returns the custom properties of a theme, as a rule for the page. */
export function themeStyles(theme: PageTheme): string {
  const lines = Object.entries(theme).map(([name, value]: [string, string | ColorPair]) => {
    const property = name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    const css = typeof value === 'string' ? value : lightDark({ light: value[0], dark: value[1] });
    return `--oauth-${property}: ${css};`;
  });
  return lines.length > 0 ? withFallback(`:root { ${lines.join(' ')} }`) : '';
}

/** Returns what is wrong with the contrasts of a theme. */
export function contrastProblem(theme: PageTheme): string | undefined {
  for (const [of, on, least] of contrasts) {
    if (theme[of] === undefined && theme[on] === undefined) continue;
    for (const mode of ['light', 'dark'] as const) {
      const has = contrast(colorsOf(theme, of)[mode], colorsOf(theme, on)[mode]);
      if (has >= least) continue;
      const shown = (Math.floor(has * 10) / 10).toFixed(1);
      return `has a "${of}" with a contrast of ${shown} to "${on}" in ${mode} mode; ${least} is needed, so set both (WCAG 2.2)`;
    }
  }
  return undefined;
}
