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
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
  };
  if (environment.SOULSEER_ENV === 'production') {
    headers['Strict-Transport-Security'] = 'max-age=31536000; includeSubDomains';
  }
  return headers;
}

const never = 'accelerometer=(), display-capture=(), geolocation=(), gyroscope=(), payment=(), usb=()';

/** The page where two people meet. */
export const isRoom = (path: string): boolean => /^\/readings\/[^/]+\/*$/.test(path);

const agoraHosts = 'https://*.agora.io:* wss://*.agora.io:* https://*.sd-rtn.com:* wss://*.sd-rtn.com:*';

/**
 * A page's policy that lets Agora's libraries speak with Agora, at ports that they are told, run their timers beside the page and
 * the WebAssembly in one of them, and give an element the one style that it gives: `display:none`.
 */
export const withAgora = (policy: string): string =>
  `${policy
    .replace("connect-src 'self'", `$& ${agoraHosts}`)
    .replace("script-src 'self'", "$& 'wasm-unsafe-eval'")
    .replace(
      "style-src 'self'",
      "$& 'unsafe-hashes' 'sha256-aqNNdDLnnrDOnTNdkJpYlAxKVJtLt9CtFLklmInuUAE='",
    )}; worker-src 'self' blob:`;

/** What a page may ask the device for: camera and microphone in a reading's room, and nothing anywhere else. */
export const permissionsPolicy = (path: string): string =>
  isRoom(path) ? `camera=(self), microphone=(self), ${never}` : `camera=(), microphone=(), ${never}`;

/** Drafts that the CMS's admin shows in a frame. */
export const isPreview = (path: string): boolean => path.startsWith('/preview/');

/** What every answer at a path says, unless the answer says otherwise. */
export function createHeadersOf(
  environment: Pick<Environment, 'SOULSEER_ENV'>,
): (path: string) => Record<string, string> {
  const everywhere = securityHeaders(environment);
  return (path) => {
    const headers: Record<string, string> = { ...everywhere, 'Permissions-Policy': permissionsPolicy(path) };
    // Who may frame it says its policy, by name.
    if (isPreview(path)) delete headers['X-Frame-Options'];
    return headers;
  };
}
