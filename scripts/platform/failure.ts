/** Something that a person can mend: its message is one line that names the cause and the mend. */
export class Failure extends Error {
  override name = 'Failure';
}

/** The same error, put so that its reader knows what to do; unknown errors stay as they are. */
export function explain(error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOSPC') {
    return new Failure('The disk is full: free some space, then run this again.', { cause: error });
  }
  if (code === 'EACCES' || code === 'EPERM') {
    const where = error instanceof Error && 'path' in error ? ` ${String(error.path)}` : '';
    return new Failure(
      `No permission to write${where}: give your user the right to it, then run this again.`,
      {
        cause: error,
      },
    );
  }
  return error;
}
