import path from 'node:path';
import type { Page } from 'playwright';

/** Tells on the terminal what happens, with its figures, and keeps a picture of each step. */
export interface Story {
  /** A step, with how long it took; facts told meanwhile stand under it. */
  step<T>(title: string, work: () => Promise<T>): Promise<T>;
  fact(line: string): void;
  /** Keeps how a page looks now. */
  picture(page: Page, name: string): Promise<void>;
  end(line: string): void;
}

/** Whole US cents, as people read them. */
export const money = (cents: number): string =>
  new Intl.NumberFormat('en-US', { style: 'currency', currency: 'USD' }).format(cents / 100);

/** @param folder where the pictures go */
export function createStory(folder: string): Story {
  const began = performance.now();
  let steps = 0;
  let pictures = 0;
  const seconds = (since: number) => `${((performance.now() - since) / 1_000).toFixed(1)} s`;
  return {
    async step(title, work) {
      steps += 1;
      console.log(`\n${String(steps).padStart(2)}  ${title}`);
      const started = performance.now();
      const result = await work();
      console.log(`    ✓ ${seconds(started)}`);
      return result;
    },
    fact: (line) => console.log(`    ${line}`),
    async picture(page, name) {
      pictures += 1;
      await page.screenshot({ path: path.join(folder, `${String(pictures).padStart(2, '0')}-${name}.png`) });
    },
    end: (line) => console.log(`\n    ${line} ${seconds(began)} in all.\n`),
  };
}
