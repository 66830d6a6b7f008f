/** Input, output and environment of a command. */
export interface Terminal {
  /** The environment variables: client configuration, and the user's folders. */
  env: Readonly<Record<string, string | undefined>>;
  /** Prints lines for the user. */
  print(text: string): void;
  /** The user's input, line by line. */
  lines?: AsyncIterable<string> | undefined;
}

/** Removes control characters, so that provider-supplied text cannot control the terminal. */
export function printable(text: string): string {
  return text.replace(/[^\P{C}\n]/gu, '\uFFFD');
}
