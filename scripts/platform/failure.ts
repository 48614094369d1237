/** Something that a person can mend: its message is one line that names the cause and the mend. */
export class Failure extends Error {
  override name = 'Failure';
}

/** Whether an error of the system has this code, such as ENOENT. */
export function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

/** The same error, put so that its reader knows what to do; unknown errors stay as they are. */
export function explain(error: unknown): unknown {
  if (hasCode(error, 'ENOSPC')) {
    return new Failure('The disk is full: free some space, then run this again.', { cause: error });
  }
  if (hasCode(error, 'EACCES') || hasCode(error, 'EPERM')) {
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

/** What to print of an error before giving up: the one line of a failure, everything of a bug. */
export function complaintOf(error: unknown): string {
  const reason = explain(error);
  if (reason instanceof Failure) return `✗ ${reason.message}`;
  return `✗ ${reason instanceof Error ? reason.stack : String(reason)}`;
}
