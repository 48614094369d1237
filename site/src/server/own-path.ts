const ours = /^\/(?![/\\])[\w\-.~/?=&%#+]{0,300}$/;

/** A path of ours to come back to, and nothing that a browser takes for another site; otherwise nothing. */
export const ownPath = (given: string): string | undefined => (ours.test(given) ? given : undefined);
