import { isStaff } from './person.ts';

/** Takes a collection or global out of a reader's menu. What may be done is still for its `access` to say. */
export const onlyStaffSees = ({ user }: { user: unknown }): boolean =>
  !isStaff({ user: user as Parameters<typeof isStaff>[0]['user'] });
