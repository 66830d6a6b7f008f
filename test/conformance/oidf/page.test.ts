import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const textOf = (path: string): string =>
  readFileSync(new URL(path, import.meta.url).pathname, 'utf8');
const page = textOf('../../../docs/conformance.md');
const modules = JSON.parse(textOf('modules.json')) as Record<string, string>;
const plans = JSON.parse(textOf('plans.json')) as Record<string, string[]>;
const run = JSON.parse(textOf('../../data/oidf-run.json')) as {
  release: string;
  commit: string;
  date: string;
  runs: { plan: string; modules: number; passed: number; skipped: number; failed?: string[] }[];
};
const leftOut = JSON.parse(textOf('left-out.json')) as Record<string, string>;

/** The page from the heading of a plan to the next heading. */
function sectionOf(plan: string): string {
  const sections = page.split(/^## /m);
  const heading = plan[0]?.toUpperCase() + plan.slice(1);
  return sections.find((text) => text.startsWith(`${heading}\n`)) ?? '';
}

describe('docs/conformance.md', () => {
  it.each(Object.entries(plans))(
    'has every module of the plan "%s" that is not left out; pnpm docs:conformance writes it anew',
    (plan, names) => {
      const wanted = names.filter((name) => leftOut[name] === undefined);
      expect(wanted.filter((name) => !sectionOf(plan).includes(`\`${name}\` `))).toEqual([]);
    },
  );

  it('says of every module what the provider does, and of those left out why', () => {
    const names = Object.values(plans).flat();
    expect(names.filter((name) => modules[name] === undefined)).toEqual([]);
    for (const [name, reason] of Object.entries(leftOut)) {
      expect(names).toContain(name);
      expect(page).toContain(reason);
    }
  });

  it('says which plans the suite itself ran, when, about which commit, and with what verdicts', () => {
    const { release, commit, date, runs } = run;
    for (const text of [`release ${release}`, `\`${commit}\``, date, 'It is no certification']) {
      expect(page).toContain(text);
    }
    const rows = page
      .slice(page.indexOf("## Results of the Foundation's own suite"))
      .split('\n')
      .filter((line) => line.startsWith('| `'))
      .map((line) => line.split('|').map((cell) => cell.trim()));
    expect(
      rows.map(([, plan = '', variant, , ...verdict]) => [
        plan.replaceAll('`', '') + (variant ? `, ${variant}` : ''),
        ...verdict.slice(0, 4).map(Number),
      ]),
    ).toEqual(
      runs.map(({ plan, modules: all, passed, skipped, failed = [] }) => [
        plan,
        all,
        passed,
        skipped,
        failed.length,
      ]),
    );
    for (const { failed = [] } of runs) for (const name of failed) expect(page).toContain(name);
  });

  it('tells of no failure', () => {
    expect(page).not.toContain('**failed**');
  });
});
