import { redirect } from 'next/navigation.js';
import type { AdminViewServerProps } from 'payload';
import { isReader, isStaff } from '../access/person.ts';
import type { Refused } from '../endpoints/auth.ts';
import { Logo } from './Logo.tsx';

const WORDS: Record<Refused, string> = {
  clients:
    'This room is for readers and staff, and your account is a client’s. Everything of yours is on the site itself.',
  suspended: 'This account is suspended. Please write to us if you think that is a mistake.',
  expired: 'That sign-in took too long, or was begun in another browser. Please begin again.',
  declined: 'You were not signed in, since you went back. Begin again whenever you like.',
  failed: 'That sign-in didn’t work. Please begin again.',
  unavailable: 'Signing in is not possible at the moment. Please try again in a few minutes.',
  too_many: 'That was too often in a short time. Please wait a minute.',
};

/** The only way in: one account for all of SoulSeer, kept by the issuer. */
export function SignIn({ initPageResult, searchParams }: AdminViewServerProps) {
  const { req } = initPageResult;
  if (isStaff(req) || isReader(req)) redirect('/admin');
  const refused = one(searchParams?.refused);
  const words = refused && Object.hasOwn(WORDS, refused) ? WORDS[refused as Refused] : undefined;
  const wanted = one(searchParams?.redirect);
  const returnTo = wanted
    ? `?return_to=${encodeURIComponent(`/admin${wanted.replace(/^\/admin/, '')}`)}`
    : '';
  return (
    <div className="soulseer-sign-in">
      <Logo />
      <p className="soulseer-login-note">
        For readers and staff. If you are looking for a reading,{' '}
        <a href={siteOf(req.payload.config.cors)}>the site</a> is the place.
      </p>
      {words && (
        <p className="soulseer-sign-in__refused" role="alert">
          {words}
        </p>
      )}
      {/* A plain link: the way leads to another host, where no page of the admin can be fetched ahead. */}
      <a className="btn btn--style-primary btn--size-large" href={`/api/auth/sign-in${returnTo}`}>
        Sign in with SoulSeer
      </a>
    </div>
  );
}

function one(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}

/** The other origin that may call us. */
function siteOf(cors: unknown): string {
  return Array.isArray(cors) ? String(cors[1]) : '/';
}
