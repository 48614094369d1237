import type { Endpoint } from 'payload';
import { closed } from '../../api/closed.ts';

/**
 * What Payload offers for local passwords. There are none here: people sign in at the issuer (endpoints/auth.ts). Ours stand
 * before Payload's own, so they answer.
 */
export const closedEndpoints: Endpoint[] = [
  closed('post', '/login'),
  closed('post', '/logout'),
  closed('post', '/unlock'),
  closed('post', '/first-register'),
  closed('post', '/forgot-password'),
  closed('post', '/reset-password'),
  closed('post', '/verify/:id'),
  closed('get', '/init'),
];
