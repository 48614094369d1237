/** The path of a target as pages see it, dots resolved; nothing when it can't be read. */
export function normalised(target: string): string | undefined {
  if (!target.startsWith('/')) return undefined;
  try {
    decodeURI(target.split('?', 1)[0] as string);
    // Two slashes at the start would name a host.
    return new URL(target.replace(/^\/+/, '/'), 'http://site').pathname;
  } catch {
    return undefined;
  }
}
