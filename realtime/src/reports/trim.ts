/** What is kept of a browser's report: where and which rule, without anything that could tell who. Pure. */

import type { CspReport, Report, Reports } from '../../contract/http.ts';

export interface TrimmedReport {
  kind: string;
  page_url: string;
  subject: string | null;
  blocked_url: string | null;
  source_url: string | null;
  line_number: number | null;
  column_number: number | null;
  disposition: 'enforce' | 'report' | null;
}

const MOST_URL = 300;
const MOST_SUBJECT = 100;

/** The reports of one call, in any of its forms. */
export function trimReports(given: Reports): TrimmedReport[] {
  return (Array.isArray(given) ? given : [given]).map((one) =>
    isOldForm(one) ? trimOldForm(one) : trimReport(one),
  );
}

function isOldForm(given: Report | CspReport): given is CspReport {
  return 'csp-report' in given;
}

function trimReport({ type, url, body }: Report): TrimmedReport {
  const subject = body?.effectiveDirective ?? body?.id ?? body?.featureId ?? body?.policyId ?? body?.reason;
  return {
    kind: type,
    page_url: trimUrl(url),
    subject: trimSubject(subject),
    blocked_url: body?.blockedURL == null ? null : trimUrl(body.blockedURL),
    source_url: body?.sourceFile == null ? null : trimUrl(body.sourceFile),
    line_number: body?.lineNumber ?? null,
    column_number: body?.columnNumber ?? null,
    disposition: body?.disposition ?? null,
  };
}

function trimOldForm({ 'csp-report': csp }: CspReport): TrimmedReport {
  return {
    kind: 'csp-violation',
    page_url: trimUrl(csp['document-uri']),
    subject: trimSubject(csp['effective-directive'] ?? csp['violated-directive']),
    blocked_url: csp['blocked-uri'] === undefined ? null : trimUrl(csp['blocked-uri']),
    source_url: csp['source-file'] == null ? null : trimUrl(csp['source-file']),
    line_number: csp['line-number'] ?? null,
    column_number: csp['column-number'] ?? null,
    disposition: csp.disposition ?? null,
  };
}

/**
 * Origin and path, with `:id` for every part that looks made for one thing or one person. Of an address of another
 * scheme (`data:`, `blob:`) only the scheme is kept, and of a word such as `inline` or `eval` the word.
 */
export function trimUrl(text: string): string {
  const url = URL.parse(text);
  if (!url) return /^[a-z-]{1,32}$/.test(text) ? text : 'unknown';
  if (!/^(https?|wss?):$/.test(url.protocol)) return url.protocol;
  const path = url.pathname
    .split('/')
    .map((part) => (looksLikeId(part) ? ':id' : part))
    .join('/');
  return `${url.protocol}//${url.host}${path}`.slice(0, MOST_URL);
}

/** Long numbers, UUIDs, hex, tokens, addresses of mail: letters mixed with several digits, or `@`. */
function looksLikeId(part: string): boolean {
  if (/@|%40/i.test(part)) return true;
  if (/\.(js|mjs|css|map|svg|png|avif|webp|jpg|woff2)$/.test(part)) return false;
  return (
    /^\d{3,}$/.test(part) ||
    /^[0-9a-f-]{16,}$/i.test(part) ||
    (part.length >= 16 && (part.match(/\d/g)?.length ?? 0) >= 3)
  );
}

/** The name of a rule is a short word; the rest of a directive could hold an address. */
function trimSubject(text: string | undefined): string | null {
  return text?.split(/[\s;]/, 1)[0]?.slice(0, MOST_SUBJECT) || null;
}
