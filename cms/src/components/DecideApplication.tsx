'use client';

import { Button, toast } from '@payloadcms/ui';
import { useRouter } from 'next/navigation.js';
import { useState } from 'react';

type Props = { id: number; name: string };

/** Approve, or decline with a reason that the applicant reads. */
export function DecideApplication({ id, name }: Props) {
  const router = useRouter();
  const [declining, setDeclining] = useState(false);
  const [reason, setReason] = useState('');
  const [busy, setBusy] = useState(false);

  const decide = async (path: 'approve' | 'decline', body: object) => {
    setBusy(true);
    const told = await fetch(`/api/reader-applications/${id}/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    }).then(
      async (response) => (response.ok ? undefined : ((await response.json()) as { detail?: string }).detail),
      () => 'The CMS did not answer. Try again.',
    );
    setBusy(false);
    if (told) toast.error(told);
    else
      toast.success(
        path === 'approve'
          ? `${name} is a reader now. Their page is public, and a mail is on its way.`
          : `${name} gets a mail with your reason.`,
      );
    router.refresh();
  };

  return (
    <div className="soulseer-application__decide">
      {declining ? (
        <>
          <label htmlFor="decline-reason">Why is it declined? {name} reads this, word for word.</label>
          <textarea
            id="decline-reason"
            rows={4}
            maxLength={2000}
            value={reason}
            onChange={(event) => setReason(event.target.value)}
          />
          <Button
            disabled={busy || reason.trim() === ''}
            onClick={() => void decide('decline', { reason })}
            size="medium"
          >
            Decline and tell them
          </Button>
          <Button buttonStyle="secondary" disabled={busy} onClick={() => setDeclining(false)} size="medium">
            Back
          </Button>
        </>
      ) : (
        <>
          <Button disabled={busy} onClick={() => void decide('approve', {})} size="medium">
            Approve
          </Button>
          <Button buttonStyle="secondary" disabled={busy} onClick={() => setDeclining(true)} size="medium">
            Decline…
          </Button>
        </>
      )}
    </div>
  );
}
