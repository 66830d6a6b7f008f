import { run } from '../../packages/cli/src/run.js';
import pc from 'picocolors';

/** A run of the command line inside this process. */
export interface Session {
  /** Everything that was printed so far. */
  printed(): string;
  /** The texts of the spinners that were shown; an empty text for each end. */
  waits(): readonly string[];
  /** Waits until something that fits was printed; returns what the pattern's group holds. */
  find(pattern: RegExp): Promise<string>;
  /** Types a line. */
  type(line: string): void;
  code: Promise<number>;
}

/** Runs a command with a terminal of its own. */
export function start(args: string[], env: Record<string, string> = {}): Session {
  let printed = '';
  const typed: string[] = [];
  const waits: string[] = [];
  let wake: () => void = () => undefined;
  async function* lines() {
    for (;;) {
      while (typed.length > 0) yield typed.shift() ?? '';
      await new Promise<void>((resolve) => (wake = resolve));
    }
  }
  const print = (text: string) => void (printed += `${text}\n`);
  const code = run(args, {
    env,
    cwd: process.cwd(),
    interactive: false,
    json: false,
    result: print,
    say: print,
    colors: pc.createColors(false),
    lines: lines(),
    wait: (text) => {
      waits.push(text);
      return () => void waits.push('');
    },
  });
  let ended = false;
  void code.finally(() => (ended = true));
  return {
    printed: () => printed,
    waits: () => waits,
    find: (pattern) =>
      find(
        () => printed,
        pattern,
        () => ended,
      ),
    type: (line) => {
      typed.push(line);
      wake();
    },
    code,
  };
}

/** Waits until a text fits a pattern. */
export async function find(
  text: () => string,
  pattern: RegExp,
  ended: () => boolean,
): Promise<string> {
  for (;;) {
    const found = pattern.exec(text());
    if (found) return found[1] ?? found[0];
    if (ended()) throw new Error(`${String(pattern)} was never printed, but: ${text()}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
