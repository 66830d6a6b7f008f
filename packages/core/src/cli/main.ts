import { createInterface } from 'node:readline';
import { run } from './run.js';

const code = await run(process.argv.slice(2), {
  env: process.env,
  print: (text) => void process.stdout.write(`${text}\n`),
  lines: createInterface({ input: process.stdin }),
});
// A registry file may hold connections open, to its token store for one; what was printed goes out first.
process.stdout.write('', () => process.exit(code));
