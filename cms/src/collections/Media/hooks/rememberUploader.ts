import type { CollectionBeforeChangeHook } from 'payload';

/** Whose picture it is decides who may change it, so the program says it, not the form. */
export const rememberUploader: CollectionBeforeChangeHook = ({ data, operation, req }) =>
  operation === 'create' ? { ...data, uploaded_by: req.user?.id ?? null } : data;
