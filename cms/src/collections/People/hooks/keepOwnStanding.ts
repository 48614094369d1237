import { type CollectionBeforeChangeHook, ValidationError } from 'payload';

/** Nobody takes away their own role or suspends themselves, so that at least one administrator always remains. */
export const keepOwnStanding: CollectionBeforeChangeHook = ({ data, originalDoc, operation, req }) => {
  if (operation === 'update' && req.user && originalDoc?.id === req.user.id) {
    const changed = (['role', 'status'] as const).filter(
      (name) => name in data && data[name] !== originalDoc?.[name],
    );
    if (changed.length > 0) {
      throw new ValidationError({
        collection: 'people',
        errors: changed.map((path) => ({
          path,
          message: 'Another administrator has to change this for you.',
        })),
      });
    }
  }
  return data;
};
