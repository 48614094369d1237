import { createHash } from 'node:crypto';
import type { Wanted } from './top-ups.ts';

/** Cents of “40”, “12.5” or “$1000.00”; nothing when it is no such sum. */
export function readAmount(typed: string): number | undefined {
  const match = /^\$?\s*(\d{1,7})(?:[.,](\d{1,2}))?$/.exec(typed.trim());
  return match ? Number(match[1]) * 100 + Number((match[2] ?? '').padEnd(2, '0')) : undefined;
}

/** What the form of a top-up asks for; nothing when what was typed is no amount. */
export function readWanted(form: FormData): Wanted | undefined {
  const pack = text(form, 'pack');
  if (pack !== '') return { pack };
  const amount_cents = readAmount(text(form, 'amount'));
  return amount_cents === undefined ? undefined : { amount_cents };
}

export function text(form: FormData, name: string): string {
  const value = form.get(name);
  return typeof value === 'string' ? value.trim() : '';
}

/**
 * The idempotency key of one press of a button: the form's own key, drawn when the page was made, together with what it
 * asks for. The same press again is the same top-up; another choice on the same page is another one.
 */
export function pressKey(form: FormData, what: object): string | undefined {
  const key = text(form, 'key');
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(key)) return undefined;
  const digest = createHash('sha256').update(JSON.stringify(what)).digest('hex');
  return `${key}-${digest.slice(0, 24)}`;
}
