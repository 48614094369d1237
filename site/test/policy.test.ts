import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import * as ours from '../src/server/policy.ts';

const policyFor = (html: string, policy: string) => ours.policyFor(Buffer.from(html), policy);
const digest = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

it('a page’s policy lists what stands in it, and nothing of other pages', () => {
  const [style, script, other] = ['.a{color:red}', 'let a = "<b>é</b>"', 'alert(1)'].map(digest);
  const policy = `default-src 'none'; script-src 'self' ${script} ${other}; style-src 'self' ${style}; img-src 'self'`;
  const html = `<style data-x>.a{color:red}</style><script type="module">let a = "<b>é</b>"</script><script src="/x.js"></script>`;
  expect(policyFor(html, policy)).toBe(
    `default-src 'none'; script-src 'self' ${script}; style-src 'self' ${style}; img-src 'self'`,
  );
  // What somebody typed may stand in an attribute as it is.
  for (const typed of ['<script>', '<style>', '<!--', '</script>', "'<script>", '<script>alert(1)</script>'])
    expect(
      policyFor(
        `<input data-a='"${typed.replace("'", '')}' value="${typed}"><!-- ${typed} -->${html}`,
        policy,
      ),
    ).toContain(`script-src 'self' ${script}; style-src 'self' ${style};`);
  expect(policyFor('<p>alert(1)</p>', policy)).toBe(
    `default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'`,
  );
});
