import type { Environment } from './environment.ts';

/**
 * Headers of every answer. The policy here is for whatever isn't a page (JSON, files): nothing may be loaded from it.
 * Pages bring a policy of their own, see `src/middleware.ts`.
 */
export function securityHeaders(environment: Pick<Environment, 'SOULSEER_ENV'>): Record<string, string> {
  const headers: Record<string, string> = {
    'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
    'Reporting-Endpoints': 'reports="/api/reports"',
    'X-Content-Type-Options': 'nosniff',
    'X-Frame-Options': 'DENY',
    'Referrer-Policy': 'strict-origin-when-cross-origin',
    'Permissions-Policy':
      'accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), microphone=(), payment=(), usb=()',
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
  };
  if (environment.SOULSEER_ENV === 'production') {
    headers['Strict-Transport-Security'] = 'max-age=31536000; includeSubDomains';
  }
  return headers;
}
