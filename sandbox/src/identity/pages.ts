/** The pages that a person sees here: plain HTML and one style sheet, nothing that needs JavaScript. */

import { createHash } from 'node:crypto';
import type { Account } from './accounts.ts';

export const STYLES_PATH = '/sign-in.css';
/** The demo accounts proper come first in the file; the rest of the world's people fold away. */
const SHOWN_AT_ONCE = 6;

export interface SignInPage {
  uid: string;
  accounts: Account[];
  /** What was typed before, to be shown again. */
  values?: { email?: string; display_name?: string; new_email?: string };
  error?: string;
  createError?: string;
  creating?: boolean;
}

/** Response headers of every page: nothing may be loaded but our style sheet and, where given, one script. */
export function pageHeaders({
  formTargets = [],
  script,
}: {
  formTargets?: string[];
  script?: string | undefined;
}) {
  const policy = [
    "default-src 'none'",
    "style-src 'self'",
    `form-action ${["'self'", ...formTargets].join(' ')}`,
    "base-uri 'none'",
    "frame-ancestors 'none'",
    ...(script ? [`script-src 'sha256-${createHash('sha256').update(script).digest('base64')}'`] : []),
  ];
  return {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'content-security-policy': policy.join('; '),
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
  };
}

/** Makes text safe inside HTML, quoted attributes included. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

export function signInPage({
  uid,
  accounts,
  values = {},
  error,
  createError,
  creating = false,
}: SignInPage): string {
  const base = `/interaction/${escapeHtml(uid)}`;
  const choices = (list: Account[]) =>
    `<ul class="people">${list.map((account) => choice(base, account)).join('')}</ul>`;
  const first = accounts.slice(0, SHOWN_AT_ONCE);
  const rest = accounts.slice(SHOWN_AT_ONCE);
  const opened = creating || createError !== undefined;

  return page(
    'Sign in',
    `<h1>Sign in to SoulSeer</h1>
    <p class="notice"><strong>This is the sandbox’s sign-in.</strong> It stands in for the real one on this machine. Nothing you type leaves it.</p>
    ${error ? alert(error) : ''}
    ${
      accounts.length > 0
        ? `<section aria-labelledby="choose"><h2 id="choose">Choose a demo account</h2>
    ${choices(first)}
    ${rest.length > 0 ? `<details><summary>More people of the demo world (${rest.length})</summary>${choices(rest)}</details>` : ''}
    </section>`
        : '<p class="notice">There are no demo accounts yet. Make an account of your own below.</p>'
    }
    <section aria-labelledby="password-title"><h2 id="password-title">Or with a password</h2>
    <form method="post" action="${base}/sign-in">
      <label>Email address <input name="email" type="email" autocomplete="username" required value="${escapeHtml(values.email ?? '')}"></label>
      <label>Password <input name="password" type="password" autocomplete="current-password" required></label>
      <button class="main">Sign in</button>
    </form></section>
    <details${opened ? ' open' : ''}><summary>Create an account</summary>
    ${createError ? alert(createError) : ''}
    <form method="post" action="${base}/create">
      <label>Name <input name="display_name" autocomplete="name" required maxlength="80" value="${escapeHtml(values.display_name ?? '')}"></label>
      <label>Email address <input name="email" type="email" autocomplete="email" required value="${escapeHtml(values.new_email ?? '')}"></label>
      <label>Password, at least 8 characters <input name="password" type="password" autocomplete="new-password" required minlength="8"></label>
      <button class="main">Create account and sign in</button>
    </form></details>`,
  );
}

function choice(base: string, { email, display_name, role, status }: Account): string {
  const label = [role, status === 'suspended' ? 'suspended' : undefined].filter(Boolean).join(', ');
  return `<li><form method="post" action="${base}/choose"><input type="hidden" name="email" value="${escapeHtml(email)}">
      <button><span class="name">${escapeHtml(display_name)}</span> <span class="email">${escapeHtml(email)}</span>${
        label ? ` <span class="role">${escapeHtml(label)}</span>` : ''
      }</button></form></li>`;
}

/**
 * `form` is the provider's hidden form. When the program that sent the person proved whose session it is, the form
 * goes off by itself (with a button for browsers without JavaScript); otherwise the person is asked.
 */
export function logoutPage(form: string, asked: boolean): { html: string; script: string | undefined } {
  const script = asked ? "document.getElementById('yes').click()" : undefined;
  const html = page(
    'Sign out',
    `<h1>Sign out of SoulSeer?</h1>
    ${form}
    <p class="row"><button class="main" id="yes" form="op.logoutForm" name="logout" value="yes">Yes, sign me out</button>
    <button form="op.logoutForm">No, stay signed in</button></p>
    ${script ? `<script>${script}</script>` : ''}`,
  );
  return { html, script };
}

export function signedOutPage(): string {
  return page(
    'Signed out',
    '<h1>You are signed out</h1><p>You can close this page, or go back to SoulSeer.</p>',
  );
}

export function errorPage(title: string, detail: string | undefined): string {
  return page(
    'Sign-in problem',
    `<h1>Sign-in did not work</h1>${alert(title)}${detail ? `<p>${escapeHtml(detail)}</p>` : ''}
    <p>Go back to SoulSeer and try again.</p>`,
  );
}

function alert(text: string): string {
  return `<p class="alert" role="alert">${escapeHtml(text)}</p>`;
}

function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <meta name="color-scheme" content="light dark">
  <title>${title} · SoulSeer sandbox</title>
  <link rel="stylesheet" href="${STYLES_PATH}">
</head>
<body><main>
    ${body}
</main></body>
</html>
`;
}

export const styles = `:root {
  color-scheme: light dark;
  --ground: light-dark(#f6f2ee, #16121f);
  --card: light-dark(#fffdfb, #201a2d);
  --ink: light-dark(#2a2138, #f1ebf7);
  --quiet: light-dark(#675d78, #b3a8c6);
  --line: light-dark(#d9d0dd, #3d3450);
  --main: light-dark(#5b3a8e, #c6a8f5);
  --on-main: light-dark(#ffffff, #1c1230);
  --alert: light-dark(#a3212f, #ff9aa5);
}
* { box-sizing: border-box; }
body {
  margin: 0; min-height: 100vh; background: var(--ground); color: var(--ink);
  font: 1rem/1.5 ui-sans-serif, system-ui, sans-serif;
}
main {
  max-width: 30rem; margin: 0 auto; padding: 1.5rem 1.25rem 3rem; background: var(--card); min-height: 100vh;
}
@media (min-width: 34rem) {
  body { padding: 2.5rem 1rem; }
  main { min-height: 0; border: 1px solid var(--line); border-radius: 1rem; padding: 2rem; }
}
h1 { font: 600 1.75rem/1.2 ui-serif, Georgia, serif; margin: 0 0 1rem; }
h2 { font-size: 1rem; margin: 1.75rem 0 .5rem; }
.notice { border-left: 3px solid var(--main); padding-left: .75rem; color: var(--quiet); margin: 0 0 1rem; }
.notice strong { color: var(--ink); }
.alert { border: 1px solid var(--alert); border-radius: .5rem; padding: .5rem .75rem; color: var(--alert); }
.people { list-style: none; margin: 0; padding: 0; display: grid; gap: .5rem; }
.people button {
  width: 100%; text-align: left; display: grid; grid-template-columns: 1fr auto; gap: 0 .75rem; padding: .6rem .8rem;
}
.name { font-weight: 600; }
.email { grid-row: 2; color: var(--quiet); font-size: .875rem; overflow-wrap: anywhere; }
.role { grid-row: 1 / span 2; grid-column: 2; align-self: center; color: var(--quiet); font-size: .875rem; }
label { display: block; margin: .75rem 0; font-size: .9rem; }
input:not([type=hidden]) {
  display: block; width: 100%; margin-top: .25rem; padding: .6rem .7rem; font: inherit; color: inherit;
  background: var(--ground); border: 1px solid var(--quiet); border-radius: .5rem;
}
button {
  font: inherit; color: inherit; background: var(--card); border: 1px solid var(--quiet); border-radius: .6rem;
  padding: .6rem 1rem; min-height: 2.75rem; cursor: pointer;
}
button:hover { border-color: var(--main); }
button.main { background: var(--main); border-color: var(--main); color: var(--on-main); font-weight: 600; }
:focus-visible { outline: 3px solid var(--main); outline-offset: 2px; }
details { margin-top: 1.25rem; }
summary { cursor: pointer; padding: .5rem 0; font-weight: 600; }
.row { display: flex; flex-wrap: wrap; gap: .75rem; }
`;
