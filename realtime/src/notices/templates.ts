/** What each mail says, as text and as HTML. Pure. Whatever is put into HTML is escaped by `html`, without exception. */

import type { MailTemplate, MailValues } from '../../contract/mails.ts';

export interface Mail {
  subject: string;
  text: string;
  html: string;
}

interface Reader {
  display_name: string;
}

/** A paragraph, or a link that stands alone. */
type Line = string | { label: string; url: string };

type Write<Name extends MailTemplate> = (
  values: MailValues[Name],
  siteUrl: string,
) => { subject: string; lines: Line[] };

export const templates: { [Name in MailTemplate]: Write<Name> } = {
  reader_application_approved: (_values, siteUrl) => ({
    subject: 'You are a reader on SoulSeer',
    lines: [
      'Your application was approved. Your reader’s page is ready for you to fill in: what you offer, your rates and when you can be reached.',
      { label: 'Open your dashboard', url: `${siteUrl}/dashboard` },
    ],
  }),
  reader_application_declined: ({ reason }, siteUrl) => ({
    subject: 'Your application to read on SoulSeer',
    lines: [
      'Thank you for your application. We can’t approve it as it is. This is why:',
      reason,
      'You are welcome to apply again when this has changed.',
      { label: 'Your account', url: `${siteUrl}/dashboard` },
    ],
  }),
  automatic_top_up: ({ amount_cents, card }, siteUrl) => ({
    subject: `${dollars(amount_cents)} was added to your wallet`,
    lines: [
      `Your wallet ran low, and ${dollars(amount_cents)} was added by ${card}, as you have set it up.`,
      'You can change that or switch it off whenever you like.',
      { label: 'Your wallet', url: `${siteUrl}/wallet/automatic` },
    ],
  }),
  automatic_top_up_failed: ({ amount_cents, card, reason, needs_person, off }, siteUrl) => ({
    subject: off ? 'Automatic top-up is switched off' : 'Your wallet could not be topped up',
    lines: [
      `Your wallet ran low, but ${dollars(amount_cents)} could not be added by ${card}. Nothing was charged.`,
      needs_person
        ? 'Your bank wants to ask you first. Add money on your wallet’s page, and it will.'
        : `Your bank said: ${reason}`,
      ...(off
        ? ['It was the third time in a row, so automatic top-up is off now. You can switch it on again.']
        : []),
      { label: 'Your wallet', url: `${siteUrl}/wallet/automatic` },
    ],
  }),
  order_paid: ({ amount_cents, paid_by, order_id, downloads }, siteUrl) => ({
    subject: 'Thank you for your order',
    lines: [
      `Thank you. Your order is paid: ${dollars(amount_cents)} by ${paid_by}.`,
      downloads
        ? 'What can be downloaded waits for you on its page. If something is sent by post, you see there when it is on its way.'
        : 'On its page you see when it is on its way.',
      { label: 'Your order', url: `${siteUrl}/orders/${order_id}` },
    ],
  }),
  favourite_online: ({ reader_name, reader_slug }, siteUrl) => ({
    subject: `${reader_name} is online`,
    lines: [
      `${reader_name} has just come online, and you wished to be told.`,
      { label: 'Their page', url: `${siteUrl}/readers/${encodeURIComponent(reader_slug)}` },
      { label: 'Tell me no more', url: `${siteUrl}/dashboard#favourites` },
    ],
  }),
};

const dollars = (cents: number) => `$${(cents / 100).toFixed(2)}`;

/** Writes a mail to `to`. */
export function writeMail<Name extends MailTemplate>(
  template: Name,
  values: MailValues[Name],
  to: Reader,
  siteUrl: string,
): Mail {
  const { subject, lines } = templates[template](values, siteUrl);
  const all: Line[] = [`Hello ${to.display_name},`, ...lines, 'SoulSeer'];
  return {
    subject,
    text: `${all.map((line) => (typeof line === 'string' ? line : `${line.label}: ${line.url}`)).join('\n\n')}\n`,
    html: html`<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${subject}</title></head><body>${all.map(
      (line) =>
        typeof line === 'string'
          ? html`<p style="white-space:pre-line">${line}</p>`
          : html`<p><a href="${line.url}">${line.label}</a></p>`,
    )}</body></html>`.markup,
  };
}

interface Markup {
  markup: string;
}

/** Markup whose values are escaped, unless they are markup made here themselves. */
function html(parts: TemplateStringsArray, ...values: (string | Markup[])[]): Markup {
  return {
    markup: parts
      .map((part, index) => {
        const value = values[index];
        if (value === undefined) return part;
        return (
          part + (typeof value === 'string' ? escapeHtml(value) : value.map(({ markup }) => markup).join(''))
        );
      })
      .join(''),
  };
}

const ESCAPES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escapeHtml(value: string): string {
  return value.replace(/[&<>"']/g, (character) => ESCAPES[character] ?? character);
}
