import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { spinner } from '@clack/prompts';
import open from 'open';
import pc from 'picocolors';
import { run } from './run.js';

// Node.js warns if both are set.
if (process.env['NO_COLOR']) delete process.env['FORCE_COLOR'];
if (existsSync('.env')) process.loadEnvFile('.env');
const { env, stdin, stdout, stderr } = process;
const interactive = stdin.isTTY === true && stderr.isTTY === true;
const code = await run(process.argv.slice(2), {
  env,
  cwd: process.cwd(),
  interactive,
  json: false,
  result: (text) => void stdout.write(`${text}\n`),
  say: (text) => void stderr.write(`${text}\n`),
  colors: pc.createColors(
    !env['NO_COLOR'] && (Boolean(env['FORCE_COLOR']) || stdout.isTTY === true),
  ),
  ...(process.argv[2] === 'login' ? { lines: createInterface({ input: stdin }) } : {}),
  ...(interactive ? { open: (url: string) => open(url), wait } : {}),
});
/** A spinner on stderr: results are on stdout. */
function wait(text: string): () => void {
  const shown = spinner({ output: stderr });
  shown.start(text);
  return () => shown.clear();
}

// Open connections, such as those of a token store, must not delay the exit. Output is written first.
stdout.write('', () => process.exit(code));
