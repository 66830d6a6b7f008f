import { createInterface } from 'node:readline';
import { run } from './run.js';

const code = await run(process.argv.slice(2), {
  env: process.env,
  print: (text) => void process.stdout.write(`${text}\n`),
  lines: createInterface({ input: process.stdin }),
});
// Open connections, such as those of a token store, must not delay the exit. Output is written
// first.
process.stdout.write('', () => process.exit(code));
