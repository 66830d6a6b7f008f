import { spawn } from 'node:child_process';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { bundle } from './bundle.js';
import type { RunningWorker } from './workerd.js';

const modules = fileURLToPath(new URL('../node_modules', import.meta.url));

/** A runtime, and how it serves `worker.js` on a free port, which it prints. */
interface Runtime {
  command: () => string[];
  main: string;
}

const runtimes: Readonly<Record<'Bun' | 'Deno', Runtime>> = {
  Bun: {
    command: () => [bunBinary()],
    main: `const { port } = Bun.serve({ hostname: '127.0.0.1', port: 0, fetch: worker.fetch });
console.log(port);`,
  },
  Deno: {
    command: () => [
      binaryOf('deno', /^@deno\//, 'deno'),
      'run',
      '--no-prompt',
      '--no-remote',
      '--node-modules-dir=manual',
      '--allow-net=127.0.0.1',
      '--allow-env',
      '--allow-read',
    ],
    main: `const onListen = ({ port }) => console.log(port);
Deno.serve({ hostname: '127.0.0.1', port: 0, onListen }, worker.fetch);`,
  },
};

/** The program of Bun. */
export function bunBinary(): string {
  return binaryOf('bun', /^@oven\/bun-/, 'bin/bun');
}

/** The program that the npm package of a runtime has for this machine, without its install script. */
function binaryOf(name: string, packages: RegExp, file: string): string {
  const manifest = join(modules, name, 'package.json');
  const require = createRequire(manifest);
  const { optionalDependencies } = require(manifest) as {
    optionalDependencies: Record<string, string>;
  };
  for (const own of Object.keys(optionalDependencies).filter((key) => packages.test(key)))
    try {
      return join(dirname(require.resolve(`${own}/package.json`)), file);
    } catch {
      // It is for another machine.
    }
  throw new Error(`The npm package ${name} has no program for this machine.`);
}

/** Serves a module of `test/runtimes` with a `fetch` in a process of its own; our packages are those of `dist/`. */
export async function startProcess(name: 'Bun' | 'Deno', file: string): Promise<RunningWorker> {
  const { command, main } = runtimes[name];
  const folder = await mkdtemp(join(tmpdir(), 'runtime-'));
  await symlink(modules, join(folder, 'node_modules'));
  await writeFile(join(folder, 'package.json'), '{ "type": "module", "private": true }');
  await writeFile(join(folder, 'worker.js'), await bundle(file, { packages: 'external' }));
  await writeFile(join(folder, 'main.js'), `import worker from './worker.js';\n${main}\n`);
  const [program = '', ...flags] = command();
  const child = spawn(program, [...flags, 'main.js'], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const close = async (): Promise<void> => {
    child.kill('SIGKILL');
    await exited;
    await rm(folder, { recursive: true, force: true });
  };
  const port = await Promise.race([firstLine(child.stdout), exited.then(() => undefined)]);
  if (port === undefined) {
    await close();
    throw new Error(`${name} did not start:\n${said}`);
  }
  return { url: `http://127.0.0.1:${port}`, close };
}

function firstLine(output: Readable): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    output.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      if (text.includes('\n')) resolve(text.slice(0, text.indexOf('\n')));
    });
  });
}
