import { randomUUID } from 'node:crypto';

const acceptable = /^[A-Za-z0-9_-]{8,64}$/;
/** Of a UUID all but its last twelve digits, drawn once for the process. Those count: an id is new, and need be no secret. */
const ofProcess = randomUUID().slice(0, -12);
let count = 0;

/** The caller's `x-request-id` when it is a plain one, otherwise a new UUID. */
export function requestId(given: string | undefined): string {
  if (given !== undefined && acceptable.test(given)) return given;
  count += 1;
  return ofProcess + count.toString(16).padStart(12, '0');
}
