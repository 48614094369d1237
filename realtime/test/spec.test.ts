/** Every rule of SPEC.md is shown by a test that cites it, and no test cites a rule that is none. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '..');
const rules = [...readFileSync(join(root, 'SPEC.md'), 'utf8').matchAll(/^- \*\*([A-Z]{3}-\d+)\*\*/gm)].map(
  ([, id]) => id,
);
// A title begins with the rules that it shows: 'LED-4 LED-9: …'.
const titles = readdirSync(import.meta.dirname, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.test.ts') && file !== 'spec.test.ts')
  .flatMap(
    (file) =>
      readFileSync(join(import.meta.dirname, file), 'utf8').match(/(?<=['`"])(?:[A-Z]{3}-\d+[ :])+/g) ?? [],
  );
const cited = new Set(titles.flatMap((title) => title.match(/[A-Z]{3}-\d+/g) ?? []));

test('rules are numbered from 1 without a gap or a double', () => {
  for (const part of new Set(rules.map((id) => id?.slice(0, 3)))) {
    const numbers = rules.filter((id) => id?.startsWith(`${part}-`)).map((id) => Number(id?.slice(4)));
    expect(numbers).toEqual(numbers.map((_, index) => index + 1));
  }
});

test.each(rules)('%s is cited by a test', (id) => {
  expect(cited).toContain(id);
});

test('no test cites a rule that is none', () => {
  const parts = new Set(rules.map((id) => id?.slice(0, 3)));
  expect([...cited].filter((id) => parts.has(id.slice(0, 3)) && !rules.includes(id))).toEqual([]);
});
