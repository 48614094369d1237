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
export function policyFor(html: string, policy: string): string {
  const own = new Set<string>();
  for (const [, , text] of html.matchAll(parts)) if (text) own.add(hash('sha256', text, 'base64'));
  return policy.replace(listed, (word, digest: string) => (own.has(digest) ? word : ''));
}
