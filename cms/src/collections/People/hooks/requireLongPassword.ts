import { type CollectionBeforeValidateHook, ValidationError } from 'payload';

const MIN_LENGTH = 8;

/** Payload itself takes any password of three characters. */
export const requireLongPassword: CollectionBeforeValidateHook = ({ data }) => {
  const password: unknown = data?.password;
  if (typeof password === 'string' && password.length < MIN_LENGTH) {
    throw new ValidationError({
      collection: 'people',
      errors: [{ path: 'password', message: `Use at least ${MIN_LENGTH} characters.` }],
    });
  }
  return data;
};
