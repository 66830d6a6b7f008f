/**
 * Shows by how much the heap grows with things that come in large numbers, and ends with exit code 1 if
 * one of them has no bound. Run with --expose-gc; arguments are a scale (default 1) and a part of a name.
 */
import { boundsCases, growthOf } from './bounds-cases.js';

const [scale = '1', wanted = ''] = process.argv.slice(2);
const { gc } = globalThis;
if (!gc) throw new Error('Run it with --expose-gc.');

for (const one of boundsCases.filter(({ name }) => name.includes(wanted))) {
  const growth = await growthOf(one, Number(scale), () => void gc());
  console.log(`${one.name}: ${growth.toFixed(1)} MB (at most ${one.limit})`);
  if (growth >= one.limit) process.exitCode = 1;
}
