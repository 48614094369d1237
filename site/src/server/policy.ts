import { hash } from 'node:crypto';

const attributes = `(?:"[^"]*"|'[^']*'|[^'">])*`;
/** Comments and whole tags too, so that nothing that stands in them, such as what somebody typed, is taken for an element. */
const parts = new RegExp(
  `<!--[^]*?-->|<(script|style)\\b${attributes}>([^]*?)</\\1>|</?[a-z]${attributes}>`,
  'gi',
);
const listed = / 'sha256-([\w+/]{43}=)'/g;

/**
 * A page's policy with the hashes of what stands in this page. Astro lists those of every style and script of the whole
 * site, 4 KB on each answer, which is all that some proxies take of a head.
 */
export function policyFor(html: Buffer, policy: string): string {
  const own = new Set<string>();
  // All that is looked for is ASCII: a character for each byte is read in no time, and is the same byte again.
  for (const [, , text] of html.toString('latin1').matchAll(parts))
    if (text) own.add(hash('sha256', Buffer.from(text, 'latin1'), 'base64'));
  return policy.replace(listed, (word, digest: string) => (own.has(digest) ? word : ''));
}
