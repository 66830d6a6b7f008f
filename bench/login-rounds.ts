/**
 * Compares the CPU time of logins. Each application and the provider is a process of its own; only the
 * application's CPU time counts. The subjects take turns in each round.
 */
import { cpuOf, serve, type Served } from './processes.js';
import { closeConnections, logIn } from './requests.js';
import { repeat, show, showRatios, type Limit, type Measured } from './rounds.js';

const warmUp = 400;

/** What is compared. */
export interface Comparison {
  /** The file of the provider's process. */
  provider: string;
  /** Names of login-app.ts; the first is the base of the table. */
  subjects: readonly string[];
  limits: readonly Limit[];
  rounds: number;
  /** Logins per round. */
  logins: number;
}

/** Measures, and shows the medians and ratios. */
export async function compareLogins(comparison: Comparison): Promise<void> {
  const { subjects: names, limits, rounds, logins } = comparison;
  const provider = await serve(comparison.provider);
  const subjects: (Measured & Served)[] = [];
  for (const name of names) {
    const served = await serve('login-app', [name, provider.url], profiling(name));
    subjects.push({ name, ...served, costs: [] });
  }
  for (const subject of subjects) await repeat(warmUp, () => logIn(subject));
  for (let round = 0; round < rounds; round += 1) {
    for (const subject of subjects) {
      const before = await cpuOf(subject);
      await repeat(logins, () => logIn(subject));
      subject.costs.push(((await cpuOf(subject)) - before) / logins);
    }
  }
  show(subjects);
  showRatios(subjects, limits);
  for (const { child } of [provider, ...subjects]) child.disconnect();
  closeConnections();
}

function profiling(name: string): string[] {
  const { LOGIN_PROFILE: directory } = process.env;
  if (!directory) return [];
  return ['--cpu-prof', `--cpu-prof-dir=${directory}/${name.replace(/\W+/g, '-')}`];
}
