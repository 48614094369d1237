/** What the pages share: the frame, the style sheet, and how a form is read. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import { escapeHtml, pageHeaders } from '../identity/pages.ts';

export { escapeHtml };

export const STYLES_PATH = '/pages.css';
const MOST_FORM_BYTES = 16 * 1024;

export interface PageAnswer {
  status: number;
  html: string;
  /** Origins that a form of the page may lead to. */
  formTargets?: string[];
}
export type Answer = PageAnswer | { to: string };

/** Sends a page, or sends the browser on. */
export function sendPage(response: ServerResponse, answer: Answer): void {
  if ('to' in answer) {
    response.writeHead(303, { location: answer.to, 'cache-control': 'no-store' }).end();
    return;
  }
  response.writeHead(answer.status, pageHeaders({ formTargets: answer.formTargets ?? [] }));
  response.end(response.req.method === 'HEAD' ? undefined : answer.html);
}

export function sendStyles(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/css; charset=utf-8', 'cache-control': 'max-age=300' });
  response.end(styles);
}

/** Whether a form came from a page of ours, as far as a browser tells. */
export function isOwnForm(request: IncomingMessage, origin: string): boolean {
  const site = request.headers['sec-fetch-site'];
  if (site !== undefined) return site === 'same-origin';
  // Browsers say `null` for pages that send no referrer; those that do also tell the site.
  const from = request.headers.origin;
  return from === undefined || from === origin;
}

/** The fields of a form, or nothing when it can't be read. */
export async function readForm(request: IncomingMessage): Promise<Record<string, string> | undefined> {
  if (!request.headers['content-type']?.startsWith('application/x-www-form-urlencoded')) return undefined;
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MOST_FORM_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Object.fromEntries(new URLSearchParams(Buffer.concat(chunks).toString('utf8')));
}

export function alert(text: string): string {
  return `<p class="alert" role="alert">${escapeHtml(text)}</p>`;
}

export function frame(title: string, body: string, wide = false): string {
  return `<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <meta name="color-scheme" content="light dark">
  <title>${escapeHtml(title)} · SoulSeer sandbox</title>
  <link rel="stylesheet" href="${STYLES_PATH}">
</head>
<body>
<header class="mark"><strong>Sandbox.</strong> No real card works here, and no real money moves.</header>
<main${wide ? ' class="wide"' : ''}>
${body}
</main></body>
</html>
`;
}

/** A page that says one thing, and where to go from there. */
export function notice(
  status: number,
  title: string,
  text: string,
  link?: { to: string; says: string } | undefined,
): PageAnswer {
  return {
    status,
    html: frame(
      title,
      `<h1>${escapeHtml(title)}</h1><p>${escapeHtml(text)}</p>${
        link ? `<p><a class="button main" href="${escapeHtml(link.to)}">${escapeHtml(link.says)}</a></p>` : ''
      }`,
    ),
  };
}

const styles = `:root {
  color-scheme: light dark;
  --ground: light-dark(#f6f2ee, #16121f);
  --card: light-dark(#fffdfb, #201a2d);
  --ink: light-dark(#2a2138, #f1ebf7);
  --quiet: light-dark(#675d78, #b3a8c6);
  --line: light-dark(#d9d0dd, #3d3450);
  --main: light-dark(#5b3a8e, #c6a8f5);
  --on-main: light-dark(#ffffff, #1c1230);
  --alert: light-dark(#a3212f, #ff9aa5);
  --mark: light-dark(#ffe2a8, #5a4310);
}
* { box-sizing: border-box; }
body {
  margin: 0; min-height: 100vh; background: var(--ground); color: var(--ink);
  font: 1rem/1.5 ui-sans-serif, system-ui, sans-serif;
}
.mark { margin: 0; padding: .5rem 1rem; background: var(--mark); text-align: center; font-size: .9rem; }
main { max-width: 30rem; margin: 0 auto; padding: 1.5rem 1.25rem 3rem; background: var(--card); }
main.wide { max-width: 76rem; }
@media (min-width: 34rem) {
  main { margin: 2rem auto; border: 1px solid var(--line); border-radius: 1rem; padding: 2rem; }
  main.wide { margin: 2rem max(1rem, calc(50vw - 38rem)); }
}
@media (min-width: 56rem) {
  .pay { max-width: 62rem; }
  main:has(.pay) { max-width: 66rem; }
  .pay { display: grid; grid-template-columns: 1fr 1.2fr; gap: 0 3rem; align-items: start; grid-template-rows: auto 1fr; }
  .pay > :nth-child(2) { grid-column: 2; grid-row: 1 / span 2; }
}
h1 { font: 600 1.75rem/1.2 ui-serif, Georgia, serif; margin: 0 0 1rem; }
h2 { font-size: 1.05rem; margin: 1.75rem 0 .5rem; }
a { color: var(--main); }
.amount { font-size: 2.25rem; font-weight: 600; margin: 0 0 1rem; }
.quiet { color: var(--quiet); }
.items { list-style: none; margin: 0; padding: 0; }
.items li { display: flex; justify-content: space-between; gap: 1rem; padding: .5rem 0; border-bottom: 1px solid var(--line); }
.alert { border: 1px solid var(--alert); border-radius: .5rem; padding: .5rem .75rem; color: var(--alert); }
.wrong { display: block; color: var(--alert); font-size: .9rem; margin-top: -.5rem; }
label, .label { display: block; margin: .75rem 0; font-size: .9rem; }
fieldset { border: 0; padding: 0; margin: 0; min-width: 0; }
legend { font-weight: 600; padding: 0; margin-top: .75rem; }
label.choice { display: flex; gap: .6rem; align-items: center; min-height: 2.75rem; margin: 0; }
input:not([type=hidden], [type=checkbox], [type=radio]), select {
  display: block; width: 100%; margin-top: .25rem; padding: .6rem .7rem; font: inherit; color: inherit;
  background: var(--ground); border: 1px solid var(--quiet); border-radius: .5rem;
}
input[type=checkbox], input[type=radio] { width: 1.25rem; height: 1.25rem; flex: none; accent-color: var(--main); }
input[aria-invalid=true] { border-color: var(--alert); }
.two { display: grid; grid-template-columns: 1fr 1fr; gap: 0 1rem; }
button, .button {
  display: inline-block; font: inherit; color: inherit; background: var(--card); border: 1px solid var(--quiet);
  border-radius: .6rem; padding: .6rem 1rem; min-height: 2.75rem; cursor: pointer; text-decoration: none;
}
button:hover, .button:hover { border-color: var(--main); }
button.main, .button.main { background: var(--main); border-color: var(--main); color: var(--on-main); font-weight: 600; }
button.whole { width: 100%; margin-top: 1rem; }
:focus-visible { outline: 3px solid var(--main); outline-offset: 2px; }
details { margin-top: 1.25rem; }
summary { cursor: pointer; padding: .5rem 0; font-weight: 600; }
.row { display: flex; flex-wrap: wrap; gap: .75rem; align-items: end; margin: .75rem 0; }
.row label, .row .label { margin: 0; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; }
th, td { text-align: left; padding: .5rem .75rem .5rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
th { color: var(--quiet); font-weight: 500; white-space: nowrap; }
td form { margin: 0; }
td.number, th.number { text-align: right; white-space: nowrap; }
code { font-size: .85em; overflow-wrap: anywhere; }
.cards code, .scroll code, time { white-space: nowrap; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1.5rem; }
dt { color: var(--quiet); }
dd { margin: 0; overflow-wrap: anywhere; }
`;
