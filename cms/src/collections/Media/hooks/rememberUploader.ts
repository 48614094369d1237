import type { CollectionBeforeChangeHook } from 'payload';

/**
 * Whose picture it is decides who may change it, so the program says it, not the form: whoever uploads it, or for whom the program
 * does so (`context.uploadedBy`, which no request can set).
 */
export const rememberUploader: CollectionBeforeChangeHook = ({ context, data, operation, req }) =>
  operation === 'create' ? { ...data, uploaded_by: context.uploadedBy ?? req.user?.id ?? null } : data;
