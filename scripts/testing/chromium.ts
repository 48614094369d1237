import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright';
import { Failure } from '../platform/failure.ts';
import { installFromDebian, onPath } from './debian.ts';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];
const OTHER_PLACES = ['/Applications/Google Chrome.app/Contents/MacOS/Google Chrome'];

/** A Chromium that somebody has installed: on PATH, or where the system keeps it. */
function installed(): string | undefined {
  return onPath(NAMES) ?? OTHER_PLACES.find((place) => existsSync(place));
}

/**
 * A Chromium for the browser tests: `CHROMIUM_PATH`, else one found, else Playwright's own (fetched), else Debian's
 * package when this is root. Fails with the mend when none can be had.
 */
export function findChromium(say: (line: string) => void): string {
  const named = process.env.CHROMIUM_PATH;
  if (named) {
    if (!existsSync(named))
      throw new Failure(`CHROMIUM_PATH is ${named}, where there is nothing: correct or unset it.`);
    return named;
  }
  const found = installed();
  if (found) return found;

  const own = chromium.executablePath();
  if (existsSync(own)) return own;
  say('fetching Playwright’s Chromium …');
  spawnSync(join('node_modules', '.bin', 'playwright'), ['install', 'chromium'], {
    stdio: 'ignore',
    timeout: 240_000,
    env: { ...process.env, PLAYWRIGHT_DOWNLOAD_CONNECTION_TIMEOUT: '5000' },
  });
  if (existsSync(own)) return own;

  installFromDebian('chromium', say);
  const debians = installed();
  if (debians) return debians;
  throw new Failure(
    'No Chromium for the browser tests: install one (on Debian: apt-get install chromium) or name it in CHROMIUM_PATH.',
  );
}
