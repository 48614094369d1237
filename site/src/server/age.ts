/** Whether whoever uses a browser has said that they are 18 or older: one word in a cookie, and nothing about them. */
export interface Age {
  /** Of a request's `Cookie` header. */
  isAdult(header: string | undefined): boolean;
  /** The `Set-Cookie` value that keeps the answer. */
  readonly answered: string;
}

const yearSeconds = 365 * 24 * 60 * 60;

/** Named and marked as the session's is (identity/cookies.ts). */
export function createAge(siteUrl: string): Age {
  const { protocol, hostname } = new URL(siteUrl);
  const plain = protocol === 'http:' && hostname === 'localhost';
  const pair = `${plain ? '' : '__Host-'}soulseer-adult=yes`;
  return {
    isAdult: (header) => header?.split(';').some((one) => one.trim() === pair) ?? false,
    answered: `${pair}; Max-Age=${yearSeconds}; Path=/; HttpOnly; SameSite=Lax${plain ? '' : '; Secure'}`,
  };
}
