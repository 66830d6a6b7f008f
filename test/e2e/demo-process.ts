import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../../examples/demo', import.meta.url));

/** Compiles the demo, as `pnpm demo` does before it starts. */
export function buildDemo(): void {
  const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');
  const { status, stdout } = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.build.json'], {
    cwd: folder,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`The demo does not compile:\n${stdout}`);
}

/** The demo as a process of its own. */
export interface DemoProcess {
  /** Resolves to the address it asks people to open; rejects when it ends without one. */
  url: Promise<string>;
  /** Everything it has printed so far. */
  output(): string;
  /** Resolves to its exit code. */
  exit: Promise<number | null>;
  signal(name: NodeJS.Signals): void;
}

/** Starts the compiled demo as a person does, with `PORT` and the like in its environment. */
export function runDemo(
  environment: Record<string, string> = {},
  args: readonly string[] = [],
): DemoProcess {
  const { DATABASE_URL: _database, PORT: _port, ...inherited } = process.env;
  const child = spawn(process.execPath, ['dist/main.js', ...args], {
    cwd: folder,
    env: { ...inherited, ...environment },
  });
  let output = '';
  const exit = new Promise<number | null>((resolve) => child.once('close', resolve));
  const url = new Promise<string>((resolve, reject) => {
    const read = (chunk: Buffer): void => {
      output += chunk.toString();
      const address = /Open (http:\S+)/.exec(output)?.[1];
      if (address) resolve(address);
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    void exit.then((code) => reject(new Error(`The demo ended with code ${code}:\n${output}`)));
  });
  url.catch(() => undefined);
  endWithTests(child);
  return { url, exit, output: () => output, signal: (name) => void child.kill(name) };
}

/** Leaves no demo behind, however the tests end. */
function endWithTests(child: ChildProcess): void {
  const end = (): void => void child.kill('SIGKILL');
  process.once('exit', end);
  child.once('close', () => process.off('exit', end));
}
