import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { adapterContract } from './adapter-contract.js';

it('[X10] names every check once, with the clause it comes from', () => {
  const ids = adapterContract.map(({ id }) => id);
  expect(ids.toSorted()).toEqual([...new Set(ids)].toSorted());
  for (const { clause, title } of adapterContract) {
    expect(clause).not.toBe('');
    expect(title).not.toBe('');
  }
});

it('[X10] has every module of the Basic, Config, form_post and logout plans, under its name', () => {
  const ids = adapterContract.map(({ id }) => id);
  expect(ids.filter((id) => /^oidcc-client-test[\w-]*$/.test(id))).toHaveLength(34);
  expect(ids.filter((id) => /^oidcc-client-test.*\/form_post$/.test(id))).toHaveLength(14);
  expect(ids.filter((id) => /^oidcc-client-test.*\/implicit$/.test(id))).toHaveLength(16);
  expect(ids.filter((id) => /^oidcc-client-test.*\/hybrid$/.test(id))).toHaveLength(19);
});

it('[X10] needs no test runner', () => {
  const files = ['../testing.ts', 'adapter-contract.ts', 'run.ts', 'steps.ts'];
  for (const file of files) {
    expect(readFileSync(new URL(file, import.meta.url), 'utf8')).not.toContain('vitest');
  }
});
