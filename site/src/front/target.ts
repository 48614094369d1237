/** The path of a target, as it was sent. */
export function pathOf(target: string): string {
  const query = target.indexOf('?');
  return query < 0 ? target : target.slice(0, query);
}

/** The path of a target as pages see it, dots resolved; nothing when it can't be read. */
export function normalised(target: string): string | undefined {
  if (!target.startsWith('/')) return undefined;
  try {
    decodeURI(pathOf(target));
    // Two slashes at the start would name a host.
    return new URL(target.replace(/^\/+/, '/'), 'http://site').pathname;
  } catch {
    return undefined;
  }
}
