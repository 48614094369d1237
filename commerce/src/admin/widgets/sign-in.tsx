import { defineWidgetConfig } from '@medusajs/admin-sdk';
import { useEffect, useState } from 'react';

/** What `GET /auth/staff` answers. */
interface Staff {
  problem: string | null;
  signed_out: boolean;
}

const PROBLEMS: Record<string, string> = {
  sign_in_over: 'That sign-in took too long or was finished already. Please sign in again.',
  role_not_allowed:
    'This account is not one of SoulSeer’s staff. Staff give the role in the CMS; or use another account.',
  account_suspended: 'This account is suspended. Use another account, or ask SoulSeer’s staff.',
  identity_unavailable: 'Who you are can’t be found out at the moment. Please try again in a minute.',
};
/** Where the issuer would let the same person in again without asking. */
const OTHER_ACCOUNT = new Set(['role_not_allowed', 'account_suspended']);

// The look of Medusa's own buttons, whose components bring types of another version of React's.
const BUTTON =
  'txt-compact-small-plus shadow-buttons-neutral focus-visible:shadow-buttons-neutral-focus flex w-full items-center justify-center rounded-md px-2 py-1.5 outline-none';

/** The sign-in page: one button, since nobody has a password here. */
function SignIn() {
  const [problem, setProblem] = useState<string | null>(null);
  const [leaving, setLeaving] = useState(false);

  useEffect(() => {
    fetch('/auth/staff')
      .then((answer) => answer.json() as Promise<Staff>)
      .then((staff) => {
        setProblem(staff.problem);
        if (!staff.signed_out) return;
        setLeaving(true);
        // Somebody has just signed out here; the issuer's own session is to end as well.
        window.location.replace('/auth/staff/sign-out');
      })
      .catch(() => setProblem('identity_unavailable'));
  }, []);

  if (leaving) return <p className="txt-small text-ui-fg-subtle text-center">Signing out …</p>;
  return (
    <div className="flex w-full flex-col gap-y-3">
      {problem && (
        <p className="txt-small text-ui-fg-error text-center" role="alert">
          {PROBLEMS[problem] ?? 'Please sign in again.'}
        </p>
      )}
      <a className={`${BUTTON} bg-ui-button-inverted text-ui-contrast-fg-primary`} href="/auth/staff/sign-in">
        Sign in with SoulSeer
      </a>
      {problem && OTHER_ACCOUNT.has(problem) && (
        <a className={`${BUTTON} bg-ui-button-neutral text-ui-fg-base`} href="/auth/staff/sign-out">
          Use another account
        </a>
      )}
    </div>
  );
}

export const config = defineWidgetConfig({ zone: 'login.before' });

export default SignIn;
