/**
 * Compares the CPU time of a new process that imports a package and ends, and of one that also serves its
 * first login, with that of a process that does nothing. The framework alone is a subject as well. The
 * subjects take turns in each round, and the ratios are medians over the rounds. Ends with exit code 1 if
 * a ratio is above its limit.
 *
 * `node dist/cold-start.js [rounds]`
 */
import { fork, type ChildProcess } from 'node:child_process';
import { closeConnections, get } from './requests.js';
import { median } from './rounds.js';

const rounds = Number(process.argv[2] ?? 15);
const limits: Readonly<Record<string, number>> = {
  'import @oauth-registry/express': 1.6,
  'import @oauth-registry/core and log in': 3,
};

interface Subject {
  name: string;
  /** Returns the CPU time of a process in microseconds. */
  measure: () => Promise<number>;
  costs: number[];
}

const { child: provider, message } = await start('login-provider', []);
const { url: issuer } = message as { url: string };

const packages = ['core', 'express', 'fastify'].map((name) => `@oauth-registry/${name}`);
const subjects: Subject[] = [
  subject('nothing', () => run([])),
  ...packages.map((name) => subject(`import ${name}`, () => run([name]))),
  subject('import @oauth-registry/core and log in', () => run(['@oauth-registry/core', issuer])),
  subject('import express and express-session', () => run(['express', 'express-session'])),
  subject('serve a login with express', serveLogin),
];
for (let round = 0; round < rounds; round += 1) {
  for (const { measure, costs } of subjects) costs.push(await measure());
}
const [nothing] = subjects;
for (const { name, costs } of subjects) {
  const ratio = median(costs.map((cost, round) => cost / (nothing?.costs[round] ?? 1)));
  const cost = `${(median(costs) / 1000).toFixed(1)} ms`;
  console.log(`${name.padEnd(40)} ${cost.padStart(9)} ${ratio.toFixed(2).padStart(6)} × nothing`);
  const { [name]: limit = Infinity } = limits;
  if (ratio <= limit) continue;
  console.error(`The limit of "${name}" is ${limit}.`);
  process.exitCode = 1;
}
provider.disconnect();
closeConnections();

function subject(name: string, measure: () => Promise<number>): Subject {
  return { name, measure, costs: [] };
}

/** Starts a process that ends by itself, and returns its CPU time. */
async function run(args: string[]): Promise<number> {
  const { child, message: sent } = await start('cold-start-process', args);
  child.disconnect();
  return (sent as { cpu: number }).cpu;
}

/** Starts the application of the bench `login`, logs in once, and returns its CPU time. */
async function serveLogin(): Promise<number> {
  const { child, message: sent } = await start('login-app', ['Express, session', issuer]);
  const { url } = sent as { url: string };
  const started = await get(`${url}/login`);
  const cookie = (started.headers['set-cookie'] ?? []).map((one) => one.split(';')[0]).join('; ');
  const authorized = await get(started.headers.location ?? '');
  const finished = await get(authorized.headers.location ?? '', { cookie });
  if (finished.body !== '{"sub":"ada"}') throw new Error(finished.body);
  child.send('cpu');
  const { cpu } = (await received(child)) as { cpu: number };
  child.disconnect();
  return cpu;
}

async function start(
  file: string,
  args: string[],
): Promise<{ child: ChildProcess; message: unknown }> {
  const child = fork(new URL(`./${file}.js`, import.meta.url), args, { execArgv: [] });
  return { child, message: await received(child) };
}

function received(child: ChildProcess): Promise<unknown> {
  return new Promise((resolve, reject) => {
    child.once('message', resolve);
    child.once('exit', (code) => {
      if (code) reject(new Error('A process failed.'));
    });
  });
}
