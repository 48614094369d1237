import { APIError, type CollectionBeforeLoginHook } from 'payload';

/** A suspended person can't sign in. Who is signed in already is stopped by `activePerson`. */
export const refuseSuspended: CollectionBeforeLoginHook = ({ user }) => {
  if (user.status !== 'active') {
    throw new APIError(
      'This account is suspended. Please write to us if you think that is a mistake.',
      403,
      { code: 'account_suspended' },
      true,
    );
  }
};
