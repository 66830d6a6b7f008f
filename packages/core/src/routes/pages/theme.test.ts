import { describe, expect, it } from 'vitest';
import { withFallback } from './colors.js';
import { contrastProblem, themeStyles, type PageTheme } from './theme.js';

describe('a theme', () => {
  it('[D2] sets the custom properties, and again for browsers without light-dark()', () => {
    const theme: PageTheme = { buttonText: ['#000000', '#ffffff'], radius: '0' };
    expect(themeStyles(theme)).toBe(
      ':root { --oauth-button-text: light-dark(#000000, #ffffff); --oauth-radius: 0; }\n' +
        '@supports not (color: light-dark(red, red)) {:root { --oauth-button-text: #000000; --oauth-radius: 0; }\n' +
        '@media (prefers-color-scheme: dark) {:root { --oauth-button-text: #ffffff; --oauth-radius: 0; } } }',
    );
    expect(themeStyles({})).toBe('');
    expect(withFallback('a { color: red }')).toBe('a { color: red }');
  });

  it.each<[PageTheme, string | undefined]>([
    [{}, undefined],
    [{ background: ['#fffbeb', '#292524'], text: ['#1c1917', '#fafaf9'] }, undefined],
    // Only one of two: the default of the other is light in dark mode.
    [
      { background: ['#fffbeb', '#fffbeb'] },
      'has a "text" with a contrast of 1.0 to "background" in dark mode',
    ],
    [
      { text: ['#777777', '#ffffff'] },
      'has a "text" with a contrast of 4.2 to "background" in light mode; 4.5 is needed',
    ],
    [{ button: ['#2563eb', '#1e293b'] }, 'has a "buttonText" with a contrast of 3.4 to "button"'],
    [{ border: ['#cccccc', '#64748b'] }, 'has a "border" with a contrast of 1.5 to "background"'],
    [{ focus: ['#2563eb', '#0f172a'] }, 'has a "focus" with a contrast of 1.0 to "background"'],
  ])('[D2] must be readable in both modes (WCAG 2.2 §1.4.3, §1.4.11): %j', (theme, problem) => {
    if (problem === undefined) expect(contrastProblem(theme)).toBeUndefined();
    else expect(contrastProblem(theme)).toContain(problem);
  });
});
