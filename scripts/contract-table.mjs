// Runs the adapter contract on every adapter and writes docs/adapter-contract.md. Needs `pnpm build`, for Next.js and the other runtimes.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const folder = mkdtempSync(join(tmpdir(), 'contract-'));
const runs = [
  [
    'unit',
    'test/contract/express.test.ts',
    'test/contract/fastify.test.ts',
    'test/contract/web.test.ts',
  ],
  ['e2e', 'test/e2e/runtimes-contract.test.ts', 'test/e2e/next-contract.test.ts'],
];

const rows = new Map();
const reasons = new Map();
for (const [project, ...files] of runs) {
  const report = join(folder, `${project}.json`);
  const output = ['--reporter=json', `--outputFile.json=${report}`];
  spawnSync('npx', ['vitest', 'run', '--project', project, ...files, ...output], { cwd: root });
  for (const { assertionResults } of JSON.parse(readFileSync(report, 'utf8')).testResults)
    for (const { ancestorTitles, status, title } of assertionResults) {
      const [, name] = /^(.*) passes the adapter contract$/.exec(ancestorTitles[0] ?? '') ?? [];
      if (name === undefined) continue;
      const row = rows.get(name) ?? { passed: 0, failed: 0, skipped: 0 };
      row[status === 'passed' ? 'passed' : status === 'failed' ? 'failed' : 'skipped'] += 1;
      rows.set(name, row);
      const [, reason] = /, not here: (.*)$/.exec(title) ?? [];
      if (reason) reasons.set(reason, (reasons.get(reason) ?? new Set()).add(name));
    }
}
rmSync(folder, { recursive: true });

const { devDependencies: versions } = JSON.parse(
  readFileSync(join(root, 'test/package.json'), 'utf8'),
);
const table = [...rows].map(
  ([name, { passed, failed, skipped }]) => `| ${name} | ${passed} | ${failed} | ${skipped} |`,
);
const notes = [...reasons].map(([reason, names]) => `- ${[...names].join(', ')}: ${reason}.`);
writeFileSync(
  join(root, 'docs/adapter-contract.md'),
  `# Adapters and their contract

[The adapter contract](testing.md#adapter-contract) logs in, attacks, opens tabs, restarts and logs out, with a browser and a provider of its
own. Every adapter runs all of it in each change. \`node scripts/contract-table.mjs\` ran it on ${new Date().toISOString().slice(0, 10)}, on Node.js ${process.versions.node}.
The other runtimes are Bun ${versions.bun}, Deno ${versions.deno} and workerd ${versions.workerd}, each in a process of its own:

| adapter | passed | failed | not applicable |
| --- | --- | --- | --- |
${table.join('\n')}
${notes.length > 0 ? `\nNot applicable:\n\n${notes.join('\n')}\n` : ''}
SvelteKit and NestJS run on the adapters of this table; their example applications are clicked through in Chromium in each change.
`,
);
spawnSync('npx', ['prettier', '--write', 'docs/adapter-contract.md'], { cwd: root });
process.exitCode = [...rows.values()].some(({ failed }) => failed > 0) ? 1 : 0;
