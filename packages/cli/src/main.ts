import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import open from 'open';
import pc from 'picocolors';
import { run } from './run.js';

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
  ...(interactive ? { open: (url: string) => open(url) } : {}),
});
// Open connections, such as those of a token store, must not delay the exit. Output is written first.
stdout.write('', () => process.exit(code));
