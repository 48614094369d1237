import type { Endpoint } from 'payload';
import { problem } from '../../api/problem.ts';

const shut = (method: Endpoint['method'], path: string): Endpoint => ({
  method,
  path,
  handler: () => problem(404, 'not_found', 'There is nothing at this address.'),
});

/**
 * What Payload offers for local passwords. There are none here: people sign in at the issuer (endpoints/auth.ts). Ours stand
 * before Payload's own, so they answer.
 */
export const closedEndpoints: Endpoint[] = [
  shut('post', '/login'),
  shut('post', '/logout'),
  shut('post', '/unlock'),
  shut('post', '/first-register'),
  shut('post', '/forgot-password'),
  shut('post', '/reset-password'),
  shut('post', '/verify/:id'),
  shut('get', '/init'),
];
