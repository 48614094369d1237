import type { Endpoint } from 'payload';
import { problem } from './problem.ts';

/** An endpoint of Payload's that isn't there: it stands before Payload's own, so it answers. */
export const closed = (method: Endpoint['method'], path: string): Endpoint => ({
  method,
  path,
  handler: () => problem(404, 'not_found', 'There is nothing at this address.'),
});
