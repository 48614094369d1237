import { Logo } from './Logo.tsx';

/** Ends the session here and the issuer's. A form, since a link that leads here must not sign anybody out. */
export function SignOut() {
  return (
    <div className="soulseer-sign-in">
      <Logo />
      <p className="soulseer-login-note">This signs you out here, and of your account in this browser.</p>
      <form action="/api/auth/sign-out" method="post">
        <button className="btn btn--style-primary btn--size-large" type="submit">
          Sign out of SoulSeer
        </button>
      </form>
    </div>
  );
}
