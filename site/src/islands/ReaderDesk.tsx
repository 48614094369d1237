import { useCallback, useEffect, useId, useRef, useState } from 'react';
import type { SessionView } from 'realtime/contract';
import type { Refusal } from '../live/api.ts';
import { api, pageSocket } from '../live/browser.ts';
import { type OwnPresence, presencePath, sayAgainMs, sayPresence, type Wish } from '../live/presence.ts';
import { clockOf, earnedCents } from '../live/reckoning.ts';
import { isOver } from '../live/session.ts';
import { steadyTicker } from '../live/ticker.ts';
import { refusalWords, stateWords, statusWords } from '../text/session-words.ts';
import { counted, firstName, modalityWords, money } from '../text/words.ts';
import { ring } from './desk/ring.ts';

interface Props {
  me: string;
  socketUrl: string;
}

const wishes: { wish: Wish; word: string; means: string }[] = [
  { wish: 'online', word: 'Online', means: 'Clients can ask you for a reading' },
  { wish: 'away', word: 'Away', means: 'You are seen, and nobody can ask' },
  { wish: 'offline', word: 'Offline', means: 'You are not here' },
];

/** A reader's desk: whether they are there for others, and who asks for them. */
export default function ReaderDesk({ me, socketUrl }: Props) {
  const [presence, setPresence] = useState<OwnPresence | null>(null);
  const [session, setSession] = useState<SessionView | null>(null);
  const [ahead, setAhead] = useState(0);
  const [now, setNow] = useState(() => Date.now());
  /** Said, and not yet answered. */
  const [said, setSaid] = useState<Wish | null>(null);
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const [busy, setBusy] = useState(false);
  const wish = useRef<Wish | null>(null);
  const rung = useRef<(() => void) | null>(null);
  const name = useId();

  const look = useCallback(async () => {
    const [own, open] = await Promise.all([
      api<OwnPresence>('GET', presencePath),
      api<{ sessions: SessionView[] }>('GET', '/api/sessions?state=open&limit=1'),
    ]);
    if (own.ok) {
      setPresence(own.value);
      // Said in another tab, or taken back by realtime since a request was not answered.
      wish.current = own.value.status === 'offline' ? 'offline' : own.value.wish;
    }
    if (open.ok) {
      const [first = null] = open.value.sessions;
      setSession(first);
      if (first) setAhead(first.server_time_ms - Date.now());
      setNow(Date.now());
    }
  }, []);

  useEffect(() => {
    void look();
    const socket = pageSocket(socketUrl);
    const leave = socket.join(`person:${me}`, {
      message(body) {
        if (body.type === 'session') void look();
      },
      joined: () => void look(),
    });
    const stop = steadyTicker(sayAgainMs, () => {
      const standing = wish.current;
      if (standing && standing !== 'offline')
        void sayPresence(api, standing).then((answer) => {
          if (answer.ok) setPresence(answer.value);
        });
    });
    addEventListener('focus', look);
    return () => {
      leave();
      stop();
      removeEventListener('focus', look);
    };
  }, [me, socketUrl, look]);

  const isAsked =
    session !== null && session.you === 'reader' && session.state === 'waiting' && !session.accepted;
  const left =
    isAsked && session.deadline_ms !== null ? Math.max(0, session.deadline_ms - now - ahead) : null;

  useEffect(() => {
    if (!isAsked) return;
    const title = document.title;
    document.title = `● ${firstName(session.client.name)} is asking · SoulSeer`;
    rung.current = ring();
    const timer = setInterval(() => setNow(Date.now()), 500);
    return () => {
      document.title = title;
      rung.current?.();
      clearInterval(timer);
    };
  }, [isAsked, session?.client.name]);

  // Nobody has answered: what it is now, realtime knows.
  useEffect(() => {
    if (left === 0) void look();
  }, [left, look]);

  async function say(next: Wish): Promise<void> {
    const before = wish.current;
    wish.current = next;
    setSaid(next);
    setRefusal(null);
    const answer = await sayPresence(api, next);
    if (answer.ok) setPresence(answer.value);
    else {
      wish.current = before;
      setRefusal(answer.refusal);
    }
    setSaid(null);
  }

  async function answerWith(act: 'accept' | 'decline'): Promise<void> {
    if (!session) return;
    setBusy(true);
    setRefusal(null);
    const answer = await api<SessionView>('POST', `/api/sessions/${session.id}/${act}`);
    if (!answer.ok) {
      setRefusal(answer.refusal);
      await look();
    } else if (act === 'accept') {
      location.assign(`/readings/${session.id}`);
      return;
    } else setSession(isOver(answer.value) ? null : answer.value);
    setBusy(false);
  }

  const shown = said ?? (presence?.status === 'offline' ? 'offline' : (presence?.wish ?? null));
  return (
    <div className="desk" data-status={presence?.status ?? 'unknown'}>
      {session && isAsked && (
        <section
          className="asked"
          role="alertdialog"
          aria-labelledby={`${name}asked`}
          aria-describedby={`${name}what`}
        >
          <h3 id={`${name}asked`}>{session.client.name || 'Somebody'} asks for a reading</h3>
          <p id={`${name}what`}>
            {modalityWords[session.modality]}, at most {counted(session.maximum_minutes, 'minute')}.{' '}
            {money(earnedCents(1, session.rate_cents))} a minute for you.
          </p>
          <p className="countdown" role="timer" aria-label={`Time to answer: ${clockOf(left ?? 0)}`}>
            {clockOf(left ?? 0)}
          </p>
          <div className="desk-actions">
            <button
              type="button"
              className="button"
              disabled={busy}
              onClick={() => void answerWith('accept')}
            >
              Accept
            </button>
            <button
              type="button"
              className="button plain"
              disabled={busy}
              onClick={() => void answerWith('decline')}
            >
              Not now
            </button>
          </div>
        </section>
      )}
      {session && !isAsked && (
        <p className="ongoing">
          <span>
            <b>{stateWords(session)}</b>:{' '}
            {session.you === 'reader' ? session.client.name : session.reader.name}
          </span>
          <a className="button snug" href={`/readings/${session.id}`}>
            Back to the room
          </a>
        </p>
      )}

      <fieldset className="wishes">
        <legend className="legend">Are you there for clients?</legend>
        {wishes.map(({ wish: one, word, means }) => (
          <label key={one} className="wish">
            <input
              type="radio"
              name={name}
              value={one}
              checked={shown === one}
              disabled={presence === null}
              onChange={() => void say(one)}
            />
            <span>
              <b>{word}</b>
              <span className="small quiet">{means}</span>
            </span>
          </label>
        ))}
      </fieldset>
      <p className={`presence ${presence?.status ?? 'offline'}`} role="status">
        <span className="dot" aria-hidden="true" />
        {presence === null
          ? 'Looking how you are seen …'
          : `Clients see: ${statusWords[presence.status]}${presence.queue_length > 0 ? `, with ${presence.queue_length} in line` : ''}`}
      </p>
      {refusal && (
        <p className="refused" role="alert">
          {refusalWords(refusal)}
        </p>
      )}
      <p className="small quiet">Keep this page open while you are online: it rings when somebody asks.</p>
    </div>
  );
}
