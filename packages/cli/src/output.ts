import pc from 'picocolors';

/** Input, output and environment of a command. */
export interface Terminal {
  /** The environment variables: client configuration, and the user's folders. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Whether a user sees the output and can respond to questions. */
  readonly interactive: boolean;
  /** Whether results are printed as JSON. */
  json: boolean;
  /** Prints a result, to stdout. */
  result(text: string): void;
  /** Prints what the user should know meanwhile, to stderr. */
  say(text: string): void;
  /** The user's input, line by line. */
  lines?: AsyncIterable<string> | undefined;
  /** Opens a URL in the user's browser; absent if there is none. */
  open?: ((url: string) => Promise<unknown>) | undefined;
  /** Shows that work goes on, until the returned function is called; absent without a user. */
  wait?: ((text: string) => () => void) | undefined;
  colors: ReturnType<typeof pc.createColors>;
}

/** The codes of bold, dim and the colors. */
const style = /^\[(?:1|2|22|3[1-9])m$/;

/**
 * Removes control characters, so that provider-supplied text cannot control the terminal. The codes
 * of colors, bold and dim remain: the program's own output has them.
 */
export function printable(text: string): string {
  return text.replace(/([^\P{C}\n])(\[\d{1,2}m)?/gu, (found, control: string, code = '') =>
    control === '\u001B' && style.test(code) ? found : `\uFFFD${code}`,
  );
}

/** Shows that work goes on until it ends. */
export async function during<T>(
  text: string,
  { wait }: Terminal,
  work: () => Promise<T>,
): Promise<T> {
  const stop = wait?.(text);
  try {
    return await work();
  } finally {
    stop?.();
  }
}

/** An error in the arguments of a command: exit code 2. */
export class UsageError extends Error {
  override name = 'UsageError';
}
