import { parseEnv } from 'node:util';

/** The variables of a `.env` file, and what is wrong with its lines. */
export interface EnvFile {
  values: Record<string, string>;
  /** One message for each line, with its number. */
  problems: string[];
}

/**
 * Reads the text of a `.env` file as Node.js does, without the lines that have no name: Node.js would
 * join them with the next line. Messages name the variable of a line, never its value.
 */
export function readEnvText(text: string, file: string): EnvFile {
  const problems: string[] = [];
  const readable: string[] = [];
  const lines = text.split(/\r?\n/);
  let quote = '';
  for (const [index, whole] of lines.entries()) {
    const found = quote === '' ? problemOf(whole, lines.slice(index + 1)) : {};
    // A value in quotation marks can have several lines.
    quote = quote === '' ? (found.quote ?? '') : whole.includes(quote) ? '' : quote;
    if (found.text !== undefined) problems.push(`${file}, line ${index + 1}: ${found.text}`);
    if (!found.ignored) readable.push(whole);
  }
  return { values: parseEnv(readable.join('\n')) as Record<string, string>, problems };
}

/** What is wrong with a line that begins no value, or the quotation mark that ends its value later. */
function problemOf(
  whole: string,
  later: readonly string[],
): { text?: string; ignored?: boolean; quote?: string } {
  const line = whole.trim();
  if (line === '' || line.startsWith('#')) return {};
  const end = line.indexOf('=');
  const name = line
    .slice(0, Math.max(end, 0))
    .replace(/^export\s/, '')
    .trim();
  const value = line.slice(end + 1).trim();
  if (!/^[\w.-]+$/.test(name)) {
    const [word = 'NAME'] = /^[A-Za-z_]\w*(?=[\s:])/.exec(line) ?? [];
    return { text: `it has no NAME=value and is ignored. Write ${word}=value.`, ignored: true };
  }
  if (/^(?:""|''|``)?(?:#.*)?$/.test(value))
    return { text: `${name} has no value. Set it, or remove the line.` };
  const [quote] = /^["'`]/.exec(value) ?? [];
  if (quote === undefined || value.includes(quote, 1)) return {};
  if (later.some((one) => one.includes(quote))) return { quote };
  return { text: `the value of ${name} begins with ${quote} and does not end with it.` };
}
