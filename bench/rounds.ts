/** Measurement shared by the benchmarks: subjects take turns, and ratios are medians over the rounds. */

/** One subject, with its cost per round. */
export interface Measured {
  name: string;
  /** Microseconds of CPU time per operation, by round. */
  costs: number[];
}

/** A subject that runs in this process. */
export interface Subject extends Measured {
  call: () => unknown;
}

/** How subjects are measured. */
export interface Measurement {
  rounds: number;
  /** Operations per round. */
  count: number;
  /** Operations before the first round. */
  warmUp: number;
  /** Operations at a time. Default: 16. */
  parallel?: number;
}

/** Measures subjects of this process, which take turns in each round. */
export async function measure(
  subjects: readonly Subject[],
  { rounds, count, warmUp, parallel = 16 }: Measurement,
): Promise<void> {
  for (const { call } of subjects) await repeat(warmUp, call, parallel);
  for (let round = 0; round < rounds; round += 1) {
    for (const { call, costs } of subjects) {
      const before = process.cpuUsage();
      await repeat(count, call, parallel);
      const { user, system } = process.cpuUsage(before);
      costs.push((user + system) / count);
    }
  }
}

/** Runs an operation `count` times, 16 at a time by default. */
export async function repeat(
  count: number,
  operation: () => unknown,
  parallel = 16,
): Promise<void> {
  let left = count;
  await Promise.all(
    Array.from({ length: parallel }, async () => {
      while (left-- > 0) await operation();
    }),
  );
}

/** Shows the medians, and the medians of the ratios to the first subject. */
export function show(subjects: readonly Measured[]): void {
  const [first] = subjects;
  const rows = subjects.map(({ name, costs }) => ({
    name,
    'µs CPU (median)': Number(median(costs).toPrecision(3)),
    [`: ${first?.name}`]: median(
      costs.map((cost, round) => cost / (first?.costs[round] ?? 1)),
    ).toFixed(2),
  }));
  console.table(rows);
}

/** A subject, what it is compared with, and the ratio that it must not exceed. */
export type Limit = readonly [subject: string, base: string, most: number];

/** Shows the medians of the ratios of pairs; those above their limit set exit code 1. */
export function showRatios(subjects: readonly Measured[], limits: readonly Limit[]): void {
  const costsOf = (wanted: string): readonly number[] =>
    subjects.find(({ name }) => name === wanted)?.costs ?? [];
  for (const [subject, base, most] of limits) {
    const costs = costsOf(subject);
    const bases = costsOf(base);
    if (costs.length === 0 || bases.length === 0) continue;
    const ratio = median(costs.map((cost, round) => cost / (bases[round] ?? 1)));
    const isAbove = ratio > most;
    if (isAbove) process.exitCode = 1;
    console.log(
      `${subject} : ${base} = ${ratio.toFixed(2)}, at most ${most}${isAbove ? ' (missed)' : ''}`,
    );
  }
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const [low = 0, high = 0] = sorted.slice(sorted.length % 2 === 1 ? middle : middle - 1);
  return sorted.length % 2 === 1 ? low : (low + high) / 2;
}
