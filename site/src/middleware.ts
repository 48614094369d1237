import { defineMiddleware } from 'astro:middleware';
import { encode, encodingFor } from './server/encode.ts';
import { socketUrl } from './server/environment.ts';
import { isPreview, isRoom, withAgora } from './server/headers.ts';
import { policyFor } from './server/policy.ts';

/** Completes a page's headers: most of its policy is in `astro.config.ts`, this is what is known only when running. */
export const onRequest = defineMiddleware(async (context, next) => {
  if (import.meta.env.DEV)
    Object.assign(context.locals, await (await import('./development.ts')).locals(context.request));
  const response = await next();
  const { headers } = response;
  const { environment, visitor } = context.locals;
  // Whatever a browser with a session or a cart is answered is its own.
  if (visitor.state !== 'nobody' || context.locals.cartCookie.read(context.cookies))
    headers.set('cache-control', 'private, no-store');
  if (!headers.get('content-type')?.startsWith('text/html')) return response;

  headers.set('content-type', 'text/html; charset=utf-8');
  if (!headers.has('cache-control')) headers.set('cache-control', 'no-cache');
  headers.append('vary', 'cookie');
  const policy = headers.get('content-security-policy');
  // A page shown in place of another comes by here twice.
  if (!policy || policy.includes('img-src')) return response;

  const html = Buffer.from(await response.arrayBuffer());
  const { CMS_PUBLIC_URL, CMS_URL, MEDIA_URL, OIDC_ISSUER, SOULSEER_ENV } = environment;
  const frames = isPreview(context.url.pathname) ? new URL(CMS_PUBLIC_URL ?? CMS_URL).origin : "'none'";
  const meetsOverAgora = environment.AGORA_APP_ID && isRoom(context.url.pathname);
  const upgrade = SOULSEER_ENV === 'production' ? '; upgrade-insecure-requests' : '';
  const whole = policyFor(html, policy)
    .trim()
    .replace(/;$/, '')
    .replace("frame-ancestors 'none'", `frame-ancestors ${frames}`)
    // Signing out is a form, and Chromium holds where that leads to to the policy as well.
    .replace("form-action 'self'", `form-action 'self' ${new URL(OIDC_ISSUER).origin}`)
    .replace("connect-src 'self'", `$& ${new URL(socketUrl(environment)).origin}`);
  headers.set(
    'content-security-policy',
    `${meetsOverAgora ? withAgora(whole) : whole}; img-src 'self' ${MEDIA_URL}${upgrade}`,
  );

  const encoding = encodingFor(context.request.headers.get('accept-encoding') ?? undefined);
  if (encoding !== 'identity') headers.set('content-encoding', encoding);
  headers.append('vary', 'accept-encoding');
  const body = new Uint8Array(await encode[encoding](html));
  headers.set('content-length', String(body.byteLength));
  return new Response(body, { status: response.status, headers });
});
