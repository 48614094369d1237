import type { RequestHandler } from 'express';
import { sendProblem } from './problem';

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Refuses what a page of somebody else's has a browser do. Whoever comes with the admin's cookie has to be shown to come
 * from its pages. Programs send neither header nor cookie; a browser that calls the rest comes from nowhere of ours.
 */
export function sameOrigin(own: string, cookieName: string): RequestHandler {
  const carriesSession = new RegExp(`(^|[;\\s])${cookieName}=`);
  return (request, response, next) => {
    if (SAFE.has(request.method)) return next();
    const origin = request.get('origin');
    const site = request.get('sec-fetch-site');
    const foreign =
      (origin !== undefined && origin !== own) || (site !== undefined && site !== 'same-origin');
    const unsaid = origin === undefined && site === undefined;
    if (!foreign && !(unsaid && carriesSession.test(request.get('cookie') ?? ''))) return next();
    return sendProblem(
      response,
      403,
      'foreign_origin',
      'This request did not come from a page of the shop’s admin.',
    );
  };
}
