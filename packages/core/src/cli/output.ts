/** What a command of the command line works with. */
export interface Terminal {
  /** The environment: configuration of clients, and where the user keeps files. */
  env: Readonly<Record<string, string | undefined>>;
  /** Writes lines for the person. */
  print(text: string): void;
  /** What the person types, line by line. */
  lines?: AsyncIterable<string> | undefined;
}

/** Takes out what a terminal would obey: a provider's words are shown, not carried out. */
export function printable(text: string): string {
  return text.replace(/[^\P{C}\n]/gu, '\uFFFD');
}
