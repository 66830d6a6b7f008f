import pc from 'picocolors';
import { describe, expect, it } from 'vitest';
import { printable } from './output.js';

describe('output', () => {
  const { bold, cyan, dim, green, red, yellow } = pc.createColors(true);

  it('has the colors of the program', () => {
    for (const style of [bold, cyan, dim, green, red, yellow]) {
      expect(printable(style('text'))).toBe(style('text'));
    }
  });

  it.each([
    ['moves the cursor', '\u001B[2J\u001B[H'],
    ['hides text', '\u001B[8m\u001B[30m'],
    ['sets the title', '\u001B]0;title\u0007'],
    ['changes the direction', '\u202E'],
    ['returns', '\r'],
  ])('has nothing that %s', (_, text) => {
    expect(printable(`a${text}b`)).not.toMatch(/[^\P{C}\n]/u);
  });
});
