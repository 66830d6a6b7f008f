import { existsSync } from 'node:fs';
import { chromium, type Browser } from 'playwright-core';

const executablePath = '/usr/bin/chromium';

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
