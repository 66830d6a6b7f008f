import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { chromium, type Browser, type Page } from 'playwright-core';

const executablePath = '/usr/bin/chromium';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

interface Violation {
  id: string;
  nodes: { html: string; failureSummary: string }[];
}

/** What axe finds fault with on a page (WCAG 2.2 AA). A context needs `bypassCSP`: the script is inline. */
export async function axeViolations(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  const { violations, passes } = await page.evaluate<{ violations: Violation[]; passes: object[] }>(
    "axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa', 'best-practice'] })",
  );
  if (passes.length <= 10) throw new Error(`axe examined nothing of ${page.url()}.`);
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`),
  );
}

/** Starts Debian's Chromium, which talks to nobody but this machine. */
export function launchChromium(options: { blockPopups?: boolean } = {}): Promise<Browser> {
  if (!existsSync(executablePath)) {
    throw new Error(`There is no ${executablePath}. Install it: apt-get install -y chromium.`);
  }
  return chromium.launch({
    executablePath,
    // What people have, and tests usually do not.
    ignoreDefaultArgs: options.blockPopups ? ['--disable-popup-blocking'] : [],
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

/** Observes the layout shifts of the pages that are opened next. */
export async function watchLayoutShifts(page: Page): Promise<void> {
  await page.addInitScript(`
    window.layoutShifts = [];
    new PerformanceObserver((list) => {
      for (const { value, hadRecentInput } of list.getEntries())
        if (!hadRecentInput) window.layoutShifts.push(value);
    }).observe({ type: 'layout-shift', buffered: true });
  `);
}

/** The sum of the layout shifts of a page to three decimals, after everything of it was loaded. Above 0.1 it is poor. */
export async function layoutShift(page: Page): Promise<number> {
  await page.waitForLoadState('networkidle');
  // Entries come with the frame after the shift.
  await page.evaluate('new Promise((done) => requestAnimationFrame(() => setTimeout(done, 50)))');
  return await page.evaluate<number>(
    'Number(window.layoutShifts.reduce((sum, one) => sum + one, 0).toFixed(3))',
  );
}

/** The pixels by which a page is wider than the window. */
export async function overflow(page: Page): Promise<number> {
  return await page.evaluate<number>(
    'document.documentElement.scrollWidth - document.documentElement.clientWidth',
  );
}
