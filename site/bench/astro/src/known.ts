import { readFileSync } from 'node:fs';

const pages = new Map<string, string>();

/** A page's HTML, read once: what Astro adds is measured, and not the disk. */
export function known(name: string): string {
  const html = pages.get(name) ?? readFileSync(`${process.env.BENCH_PAGES}/${name}.html`, 'utf8');
  pages.set(name, html);
  return html;
}
