import type { RequestHandler } from 'express';
import type { Environment } from '../environment';

/** What browsers are told of every answer, and of the admin's pages what those may load. */
export function securityHeaders(environment: Environment): RequestHandler {
  const media = new URL(environment.MEDIA_URL).origin;
  const page = [
    "default-src 'none'",
    "script-src 'self'",
    // Medusa's admin sets styles from its scripts and in its markup.
    "style-src 'self' 'unsafe-inline'",
    `img-src 'self' data: blob: ${media}`,
    "font-src 'self' data:",
    "connect-src 'self'",
    "manifest-src 'self'",
    "worker-src 'self' blob:",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
  const other = "default-src 'none'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'";
  const common: Record<string, string> = {
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'referrer-policy': 'same-origin',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'permissions-policy': 'camera=(), microphone=(), geolocation=(), payment=(), usb=()',
    ...(environment.COMMERCE_URL.startsWith('https:')
      ? { 'strict-transport-security': 'max-age=31536000; includeSubDomains' }
      : {}),
  };
  return (request, response, next) => {
    for (const [name, value] of Object.entries(common)) response.setHeader(name, value);
    const isPage = request.path === '/app' || request.path.startsWith('/app/');
    response.setHeader('content-security-policy', isPage ? page : other);
    next();
  };
}
