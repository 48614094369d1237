import { useEffect, useId, useRef, useState } from 'react';
import type { QueuePlace, ReaderStatus, SessionView } from 'realtime/contract';
import { type Modality, modalities, type Rates } from '../cms/views.ts';
import type { Refusal } from '../live/api.ts';
import { api, pageSocket } from '../live/browser.ts';
import { clockOf } from '../live/reckoning.ts';
import { ordinal, refusalWords, statusWords, waitWords } from '../text/session-words.ts';
import { counted, modalityWords, money } from '../text/words.ts';
import { walletFrom } from '../wallet/wanted-reader.ts';

interface Props {
  readerId: string;
  slug: string;
  first: string;
  rates: Rates;
  /** Who looks: nobody known, the reader themself, or somebody who may begin. */
  viewer: { is: 'nobody'; signInHref: string } | { is: 'reader' } | { is: 'somebody'; person_id: string };
  socketUrl: string;
}

/** How often whoever has no socket looks whether the reader is there. */
const lookEveryMs = 15_000;
/** What has to be in the wallet for a start, in minutes. */
const leastMinutes = 3;

/** Begins a reading: whether the reader is there, which way and for how long at most, and what is in the way. */
export default function StartPanel({ readerId, slug, first, rates, viewer, socketUrl }: Props) {
  const offered = modalities.filter((one) => rates[one] !== undefined);
  const [status, setStatus] = useState<ReaderStatus | null>(null);
  const [balance, setBalance] = useState<number | null>(null);
  const [place, setPlace] = useState<QueuePlace | null>(null);
  const [modality, setModality] = useState<Modality | undefined>(offered[0]);
  const [minutes, setMinutes] = useState(30);
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const [busy, setBusy] = useState(false);
  const [now, setNow] = useState(0);
  /** The same request, tried again, is the same reading. */
  const key = useRef<{ of: string; key: string } | null>(null);
  const id = useId();
  const isSomebody = viewer.is === 'somebody';
  const personId = isSomebody ? viewer.person_id : null;

  useEffect(() => {
    const look = async () => {
      const answer = await api<{ readers: { status: ReaderStatus }[] }>(
        'GET',
        `/api/readers/presence?reader_ids=${readerId}`,
      );
      if (answer.ok) setStatus(answer.value.readers[0]?.status ?? 'offline');
    };
    const lookAtOwn = async () => {
      const [wallet, line] = await Promise.all([
        api<{ balance_cents: number }>('GET', '/api/wallet'),
        api<{ places: QueuePlace[] }>('GET', '/api/queue'),
      ]);
      if (wallet.ok) setBalance(wallet.value.balance_cents);
      if (line.ok) setPlace(line.value.places.find(({ reader_id }) => reader_id === readerId) ?? null);
    };
    const all = () => {
      if (document.visibilityState === 'hidden') return;
      void look();
      if (personId) void lookAtOwn();
    };
    all();
    const timer = setInterval(all, lookEveryMs);
    addEventListener('focus', all);
    const leave: (() => void)[] = [];
    if (personId) {
      const socket = pageSocket(socketUrl);
      leave.push(
        socket.join(`presence:${readerId}`, {
          message(body) {
            if (body.type !== 'presence') return;
            setStatus(body.status);
            setRefusal(null);
            void lookAtOwn();
          },
          joined: () => void look(),
        }),
        socket.join(`person:${personId}`, {
          message(body) {
            if (body.type === 'queue_turn' || body.type === 'queue_closed') all();
          },
        }),
      );
    }
    return () => {
      clearInterval(timer);
      removeEventListener('focus', all);
      for (const go of leave) go();
    };
  }, [readerId, personId, socketUrl]);

  useEffect(() => {
    if (!place?.turn_until_ms) return;
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, [place?.turn_until_ms]);

  const rate = modality && rates[modality];
  if (!modality || rate === undefined) return <p className="quiet">{first} offers no readings just now.</p>;

  const needed = rate * leastMinutes;
  const tooLittle = balance !== null && balance < needed;
  const isMyTurn = place?.turn_until_ms != null;
  const canStart = status === 'online' || isMyTurn;

  async function start(): Promise<void> {
    const body = { reader_id: readerId, modality, maximum_minutes: minutes, queue_if_busy: false };
    const of = JSON.stringify(body);
    if (key.current?.of !== of) key.current = { of, key: crypto.randomUUID() };
    setBusy(true);
    setRefusal(null);
    const answer = await api<SessionView>('POST', '/api/sessions', { body, key: key.current.key });
    if (answer.ok) {
      location.assign(`/readings/${answer.value.id}`);
      return;
    }
    // What was refused was refused for good: another try is another request.
    if (answer.refusal.code !== 'unreachable') key.current = null;
    if (answer.refusal.code === 'reader_busy') setStatus('busy');
    setRefusal(answer.refusal);
    setBusy(false);
  }

  async function line(): Promise<void> {
    setBusy(true);
    setRefusal(null);
    if (place) {
      const answer = await api('DELETE', `/api/readers/${readerId}/queue`);
      if (answer.ok) setPlace(null);
      else setRefusal(answer.refusal);
    } else {
      const answer = await api<QueuePlace>('PUT', `/api/readers/${readerId}/queue`, { body: { modality } });
      if (answer.ok) setPlace(answer.value);
      else if (answer.refusal.code === 'reader_free') setStatus('online');
      else setRefusal(answer.refusal);
    }
    setBusy(false);
  }

  return (
    <div className="start" data-status={status ?? 'unknown'}>
      <p className={`presence ${status ?? 'offline'}`} role="status">
        <span className="dot" aria-hidden="true" />
        {status === null ? 'Looking whether they are there …' : statusWords[status]}
      </p>

      <fieldset className="ways">
        <legend className="legend">Way of talking</legend>
        {offered.map((one) => (
          <label key={one} className="way-choice">
            <input
              type="radio"
              name={`${id}way`}
              value={one}
              checked={one === modality}
              onChange={() => {
                setModality(one);
                setRefusal(null);
              }}
            />
            <span>{modalityWords[one]}</span>
            <span className="cents">{money(rates[one] ?? 0)}</span>
          </label>
        ))}
      </fieldset>

      {viewer.is === 'nobody' ? (
        <div className="do">
          <a className="button" href={viewer.signInHref}>
            Sign in to begin
          </a>
          <p className="small quiet">
            You pay by the minute from your wallet, and only while you are both in the room.
          </p>
        </div>
      ) : viewer.is === 'reader' ? (
        <div className="do">
          <p className="small quiet">
            This is your own page. Requests come to your dashboard while you are online.
          </p>
          <a className="button plain" href="/dashboard">
            Your dashboard
          </a>
        </div>
      ) : (
        <>
          <div className="field">
            <label htmlFor={`${id}minutes`}>
              At most <b>{counted(minutes, 'minute')}</b>
            </label>
            <input
              id={`${id}minutes`}
              type="range"
              min={5}
              max={120}
              step={5}
              value={minutes}
              aria-valuetext={`${counted(minutes, 'minute')}, at most ${money(rate * minutes)}`}
              onChange={(event) => setMinutes(event.target.valueAsNumber)}
            />
            <p className="small quiet">
              Never more than {money(rate * minutes)}, unless you raise it. You can end at any time.
              {balance !== null && ` In your wallet: ${money(balance)}.`}
            </p>
          </div>

          {place && (
            <div className="place" role="status">
              {isMyTurn ? (
                <p>
                  <b>It is your turn.</b> {first} is kept free for you for{' '}
                  <span className="cents">{clockOf(Math.max(0, (place.turn_until_ms ?? 0) - now))}</span>
                </p>
              ) : (
                <p>
                  You are <b>{ordinal(place.place)} in line</b>. {waitWords(place)} We tell you here as soon
                  as it is your turn.
                </p>
              )}
            </div>
          )}

          {refusal && (
            <div className="refused" role="alert">
              <p>{refusalWords(refusal, first)}</p>
              {refusal.session_id && (
                <a className="button plain snug" href={`/readings/${refusal.session_id}`}>
                  Go to that reading
                </a>
              )}
            </div>
          )}

          <div className="do">
            {canStart && tooLittle ? (
              <>
                <p className="small">
                  A reading begins with {counted(leastMinutes, 'minute')} in the wallet: {money(needed)},{' '}
                  {money(needed - (balance ?? 0))} more than there is.
                </p>
                <a className="button" href={walletFrom(slug)}>
                  Top up your wallet
                </a>
              </>
            ) : canStart ? (
              <button type="button" className="button" disabled={busy} onClick={() => void start()}>
                Ask {first} for a reading
              </button>
            ) : (
              status !== 'busy' &&
              !place && (
                <p className="small quiet">
                  {status === 'away' ? `${first} will be back soon. ` : ''}As soon as {first} is online you
                  can begin here; this page shows it by itself.
                </p>
              )
            )}
            {(place || status === 'busy') && (
              <button
                type="button"
                className={`button ${place || canStart ? 'plain' : ''}`}
                disabled={busy}
                onClick={() => void line()}
              >
                {place ? 'Leave the line' : 'Get in line'}
              </button>
            )}
          </div>
        </>
      )}
    </div>
  );
}
