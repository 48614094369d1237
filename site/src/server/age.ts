import { createCookies } from '../identity/cookies.ts';

/** Whether whoever uses a browser has said that they are 18 or older: one word in a cookie, and nothing about them. */
export interface Age {
  /** Of a request's `Cookie` header. */
  isAdult(header: string | undefined): boolean;
  /** The `Set-Cookie` value that keeps the answer. */
  readonly answered: string;
}

const yearSeconds = 365 * 24 * 60 * 60;

export function createAge(siteUrl: string): Age {
  const cookies = createCookies(siteUrl);
  const name = `${cookies.session}-adult`;
  return {
    isAdult: (header) => header?.split(';').some((one) => one.trim() === `${name}=yes`) ?? false,
    answered: cookies.set(name, 'yes', yearSeconds),
  };
}
