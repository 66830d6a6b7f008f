/** Measurement shared by the benchmarks: subjects take turns, and ratios are medians over the rounds. */

/** One subject, with its cost per round. */
export interface Measured {
  name: string;
  /** Microseconds of CPU time per operation, by round. */
  costs: number[];
}

/** Runs an operation `count` times, 16 at a time. */
export async function repeat(count: number, operation: () => Promise<unknown>): Promise<void> {
  let left = count;
  await Promise.all(
    Array.from({ length: 16 }, async () => {
      while (left-- > 0) await operation();
    }),
  );
}

/** Shows the medians, and the medians of the ratios to the first subject. */
export function show(subjects: readonly Measured[]): void {
  const [first] = subjects;
  const rows = subjects.map(({ name, costs }) => ({
    name,
    'µs CPU (median)': Math.round(median(costs)),
    [`: ${first?.name}`]: median(
      costs.map((cost, round) => cost / (first?.costs[round] ?? 1)),
    ).toFixed(2),
  }));
  console.table(rows);
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const [low = 0, high = 0] = sorted.slice(sorted.length % 2 === 1 ? middle : middle - 1);
  return sorted.length % 2 === 1 ? low : (low + high) / 2;
}
