import { Check, CircleAlert, Download } from 'lucide-react';
import { useEffect, useId, useRef, useState } from 'react';
import type { SessionView } from 'realtime/contract';
import type { Receipt, ReceiptKey, Verdict } from 'realtime/contract/verify-receipt';
import type { Api } from '../../live/api.ts';
import { clockOf } from '../../live/reckoning.ts';
import type { Room, RoomState } from '../../live/room.ts';
import { isReviewable } from '../../text/reviews.ts';
import { cameAbout, endWords } from '../../text/session-words.ts';
import { counted, firstName, modalityWords, money } from '../../text/words.ts';
import Chat from './Chat.tsx';
import MoonClock from './MoonClock.tsx';

interface Props {
  room: Room;
  state: RoomState;
  api: Api;
}

const day = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeStyle: 'short' });

/** When it is over: what it came to and the proof of it, what was said, and a note for oneself. */
export default function Ending({ room, state, api }: Props) {
  const { view, messages } = state;
  const you = view.you === 'reader' ? 'reader' : 'client';
  const name = you === 'client' ? view.reader.name : view.client.name;
  const other = firstName(name) || 'The other one';
  const heading = useRef<HTMLHeadingElement>(null);
  // Whoever hears the page is told that it is another one now.
  useEffect(() => heading.current?.focus(), []);
  const began = cameAbout(view);

  return (
    <div className="ending page">
      <header className="stack">
        <p className="kicker">{began ? 'The reading is over' : 'It didn’t come about'}</p>
        <h1 ref={heading} tabIndex={-1}>
          {view.end ? endWords(view.end.reason, you, other) : 'It has ended'}
        </h1>
        <p className="lede">
          {modalityWords[view.modality]} with {name || 'somebody'}, {day.format(view.created_ms)}.
          {!began && ' Nothing was charged.'}
        </p>
        {view.end?.said && <p>Our staff write: “{view.end.said}”</p>}
      </header>

      {began && <Summary view={view} you={you} />}
      {began && view.state === 'finalized' && <Proof id={view.id} api={api} you={you} other={other} />}

      {(began || messages.length > 0) && (
        <div className="after">
          <section className="stack" aria-labelledby="written">
            <h2 id="written">What was written</h2>
            <div className="transcript">
              <Chat room={room} lines={messages} you={you} other={other} isTyping={false} readOnly />
            </div>
          </section>
          <Note id={view.id} api={api} />
        </div>
      )}

      <p className="actions">
        {isReviewable(view) && (
          <a className="button" href={`/readings/${view.id}/review`}>
            Review {other}
          </a>
        )}
        {you === 'client' && view.reader.slug && (
          <a className={isReviewable(view) ? 'button plain' : 'button'} href={`/readers/${view.reader.slug}`}>
            {other}’s page
          </a>
        )}
        {you === 'reader' && (
          <a className="button" href="/dashboard">
            Your dashboard
          </a>
        )}
        <a className="button plain" href="/readings">
          Your readings
        </a>
        {you === 'client' && (
          <a className="button plain" href="/readers">
            All readers
          </a>
        )}
      </p>
    </div>
  );
}

function Summary({ view, you }: { view: SessionView; you: 'client' | 'reader' }) {
  const { summary } = view;
  if (!summary) return <p role="status">The account is being drawn up …</p>;
  const byStaff = view.given_back.length;
  return (
    <section className="sums" aria-label="What it came to">
      <div className="sum">
        <MoonClock part={1} size={54} />
        <p>
          <span className="figure">{clockOf(summary.active_ms)}</span>
          <span className="small quiet">together</span>
        </p>
      </div>
      <div className="sum">
        <p>
          <span className="figure">
            {you === 'client' ? money(view.cost_cents) : money(summary.reader_cents)}
          </span>
          <span className="small quiet">
            {you === 'client' ? 'paid' : 'earned'}, {counted(summary.charged_minutes, 'minute')} at{' '}
            {money(view.rate_cents)}
          </span>
        </p>
      </div>
      {you === 'client' && view.balance_cents !== null && (
        <div className="sum">
          <p>
            <span className="figure">{money(view.balance_cents)}</span>
            <span className="small quiet">left in your wallet</span>
          </p>
        </div>
      )}
      {(summary.given_back.length > 0 || byStaff > 0 || summary.pauses > 0) && (
        <ul className="small">
          {summary.given_back.length > 0 && (
            <li>
              {counted(summary.given_back.length, 'minute')} given back, since you weren’t both there for{' '}
              {summary.given_back.length === 1 ? 'it' : 'them'}.
            </li>
          )}
          {byStaff > 0 && (
            <li>
              {counted(byStaff, 'minute')} given back by our staff:{' '}
              {[...new Set(view.given_back.map(({ reason }) => reason))].join('; ')}.
            </li>
          )}
          {summary.pauses > 0 && (
            <li>
              Interrupted {summary.pauses === 1 ? 'once' : `${summary.pauses} times`}; that time was not
              counted.
            </li>
          )}
        </ul>
      )}
    </section>
  );
}

type Checked = { receipt: Receipt | null; verdict: Verdict };

/** The receipt, minute by minute, checked here and not by us. */
function Proof({ id, api, you, other }: { id: string; api: Api; you: 'client' | 'reader'; other: string }) {
  const [checked, setChecked] = useState<Checked | 'reading' | 'none' | 'failed'>('reading');
  const heading = useId();
  useEffect(() => {
    let isGone = false;
    const check = async (): Promise<Checked | 'none' | 'failed'> => {
      const [given, keys, { verifyReceipt }] = await Promise.all([
        fetch(`/api/sessions/${id}/receipt`),
        api<{ keys: ReceiptKey[] }>('GET', '/.well-known/receipt-keys.json'),
        import('realtime/contract/verify-receipt'),
      ]);
      if (given.status === 404) return 'none';
      if (!given.ok || !keys.ok) return 'failed';
      // To the byte: what is checked is the text as it was signed.
      const text = await given.text();
      const verdict = await verifyReceipt(text, keys.value.keys);
      return { receipt: verdict.ok ? verdict.receipt : null, verdict };
    };
    void check()
      .catch(() => 'failed' as const)
      .then((result) => {
        if (!isGone) setChecked(result);
      });
    return () => {
      isGone = true;
    };
  }, [id, api]);

  if (checked === 'none') return null;
  return (
    <section className="sheet proof stack" aria-labelledby={heading}>
      <h2 id={heading}>Receipt</h2>
      {checked === 'reading' ? (
        <p role="status">Your browser is checking the receipt …</p>
      ) : checked === 'failed' ? (
        <p role="status">The receipt can’t be read just now. It is kept; load the page again in a moment.</p>
      ) : (
        <>
          {checked.verdict.ok ? (
            <p className="verdict right" role="status" data-verdict="ok">
              <Check aria-hidden="true" />
              <span>
                <b>Checked in your browser.</b> Signed with our key {checked.verdict.receipt.key_id}, each
                minute bound to the one before; nothing was changed.
              </span>
            </p>
          ) : (
            <p className="verdict" role="alert" data-verdict={checked.verdict.code}>
              <CircleAlert aria-hidden="true" />
              <span>
                <b>This receipt is not right:</b> {checked.verdict.detail}. Keep it, and write to us.
              </span>
            </p>
          )}
          {checked.receipt && <Minutes receipt={checked.receipt} you={you} other={other} />}
          <p>
            <a
              className="button plain snug"
              href={`/api/sessions/${id}/receipt`}
              download={`soulseer-receipt-${id}.json`}
            >
              <Download aria-hidden="true" /> Download the receipt
            </a>
          </p>
        </>
      )}
    </section>
  );
}

const clockTime = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const seconds = (ms: number): string => `${Math.round(ms / 1_000)} s`;

function Minutes({ receipt, you, other }: { receipt: Receipt; you: 'client' | 'reader'; other: string }) {
  if (receipt.minutes.length === 0)
    return <p>You were together for less than ten seconds: nothing was charged.</p>;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard
    <section className="minutes" tabIndex={0} aria-label="The minutes, one by one">
      <table>
        <thead>
          <tr>
            <th scope="col">Minute</th>
            <th scope="col">Due at</th>
            <th scope="col">You were there</th>
            <th scope="col">{other} was there</th>
            <th scope="col">{you === 'client' ? 'Paid' : 'Earned'}</th>
          </tr>
        </thead>
        <tbody>
          {receipt.minutes.map((minute) => {
            const { client_ms, reader_ms } = minute.presence;
            const [mine, theirs] = you === 'client' ? [client_ms, reader_ms] : [reader_ms, client_ms];
            const cents = you === 'client' ? minute.amount_cents : minute.reader_cents;
            return (
              <tr key={minute.number}>
                <th scope="row">{minute.number}</th>
                <td>{clockTime.format(new Date(minute.due_at))}</td>
                <td>{seconds(mine)}</td>
                <td>{seconds(theirs)}</td>
                <td>{minute.given_back_by ? <s>{money(cents)}</s> : money(cents)}</td>
              </tr>
            );
          })}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row" colSpan={4}>
              In all
            </th>
            <td>{money(you === 'client' ? receipt.totals.paid_cents : receipt.totals.reader_cents)}</td>
          </tr>
        </tfoot>
      </table>
    </section>
  );
}

const saveAfterMs = 800;

/** One's own note: kept as it is written, and read by nobody else. */
function Note({ id, api }: { id: string; api: Api }) {
  const [text, setText] = useState<string | null>(null);
  const [saved, setSaved] = useState<'idle' | 'saving' | 'saved' | 'failed'>('idle');
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const latest = useRef(0);
  const field = useId();
  const path = `/api/sessions/${id}/note`;

  useEffect(() => {
    void api<{ text: string }>('GET', path).then((answer) =>
      setText((now) => now ?? (answer.ok ? answer.value.text : '')),
    );
    return () => clearTimeout(timer.current);
  }, [api, path]);

  const save = async (value: string): Promise<void> => {
    const mine = ++latest.current;
    setSaved('saving');
    const answer = await api('PUT', path, { body: { text: value } });
    // What was written meanwhile has a turn of its own.
    if (mine === latest.current) setSaved(answer.ok ? 'saved' : 'failed');
  };

  return (
    <section className="stack" aria-labelledby={`${field}title`}>
      <h2 id={`${field}title`}>Your note</h2>
      <label htmlFor={field} className="small quiet">
        For yourself. Nobody else reads it, our staff included.
      </label>
      <textarea
        id={field}
        className="input"
        maxLength={10_000}
        disabled={text === null}
        value={text ?? ''}
        onChange={(event) => {
          const { value } = event.target;
          setText(value);
          clearTimeout(timer.current);
          timer.current = setTimeout(() => void save(value), saveAfterMs);
        }}
        onBlur={() => {
          if (saved === 'failed' && text !== null) void save(text);
        }}
      />
      <p className="small quiet" role="status">
        {saved === 'saving'
          ? 'Saving …'
          : saved === 'saved'
            ? 'Saved'
            : saved === 'failed'
              ? 'Not saved: write on, and we try again.'
              : ''}
      </p>
    </section>
  );
}
