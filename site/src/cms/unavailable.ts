const name = 'CmsUnavailable';

/** The CMS can't be read now, and nothing read before is left to show. */
export class CmsUnavailable extends Error {
  override readonly name = name;
}

/** By its name: the server and the pages are built apart, and each has a class of its own. */
export const isCmsUnavailable = (error: unknown): boolean => error instanceof Error && error.name === name;
