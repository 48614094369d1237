import type { PayloadRequest } from 'payload';
import type { Person } from '../payload-types.ts';

type Asker = Pick<PayloadRequest, 'user'>;

/** Who asks, if they may do anything at all: a suspended person counts as nobody, from that moment. */
export function activePerson({ user }: Asker): Person | null {
  return user?.collection === 'people' && user.status === 'active' ? user : null;
}

export function isStaff(asker: Asker): boolean {
  return activePerson(asker)?.role === 'admin';
}

export function isReader(asker: Asker): boolean {
  return activePerson(asker)?.role === 'reader';
}
