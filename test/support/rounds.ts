/** Whether this is the long run, `pnpm soak`. Tests named `*.soak.test.ts` have a short round otherwise. */
export const soak: boolean = process.env['SOAK'] === '1';

/** How often to do something: `short` times in CI, `long` times in `pnpm soak`. */
export function rounds(short: number, long: number): number {
  return soak ? long : short;
}
