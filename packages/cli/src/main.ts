import { existsSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import open from 'open';
import pc from 'picocolors';
import { readEnvText } from './env-file.js';
import { run } from './run.js';
import { spinner } from './spinner.js';

const { env, stdin, stdout, stderr } = process;
const say = (text: string): void => void stderr.write(`${text}\n`);
const colors = pc.createColors(
  !env['NO_COLOR'] && (Boolean(env['FORCE_COLOR']) || stdout.isTTY === true),
);
const [command = ''] = process.argv.slice(2);
readEnv('.env');
const interactive = stdin.isTTY === true && stderr.isTTY === true;
const code = await run(process.argv.slice(2), {
  env,
  cwd: process.cwd(),
  interactive,
  json: false,
  result: (text) => void stdout.write(`${text}\n`),
  say,
  colors,
  ...(command === 'login' ? { lines: createInterface({ input: stdin }) } : {}),
  ...(interactive ? { open: (url: string) => open(url), wait: spinner(stderr) } : {}),
});

/** Adds the variables of a file to the environment, whose own variables take precedence. */
function readEnv(file: string): void {
  if (!existsSync(file)) return;
  try {
    const { values, problems } = readEnvText(readFileSync(file, 'utf8'), file);
    for (const [name, value] of Object.entries(values)) env[name] ??= value;
    // Other commands do not use the variables.
    if (['login', 'doctor', 'token'].includes(command))
      for (const problem of problems) say(colors.yellow(problem));
  } catch (error) {
    say(colors.yellow(`${file} cannot be read: ${error instanceof Error ? error.message : ''}`));
  }
}

// Open connections, such as those of a token store, must not delay the exit. Output is written first.
stdout.write('', () => process.exit(code));
