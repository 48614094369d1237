import { Camera, CameraOff, Mic, MicOff } from 'lucide-react';
import { useEffect, useId, useState } from 'react';
import type { SessionView } from 'realtime/contract';
import type { Devices, DevicesState } from '../../live/media/devices.ts';
import { listenToLevel } from '../../live/media/devices.ts';
import type { Kind } from '../../live/media/media.ts';
import { clockOf, earnedCents } from '../../live/reckoning.ts';
import type { Room, RoomState } from '../../live/room.ts';
import { carriedIn } from '../../live/session.ts';
import { deviceWords, refusalWords } from '../../text/session-words.ts';
import { counted, firstName, modalityWords, money } from '../../text/words.ts';
import { useNow, useStore } from './hooks.ts';
import MoonClock from './MoonClock.tsx';
import Picture from './Picture.tsx';
import TopUp from './TopUp.tsx';

interface Props {
  room: Room;
  state: RoomState;
  devices: Devices;
}

/** Before the room: whether one is seen and heard, what it costs, who is waited for and until when. */
export default function Threshold({ room, state, devices }: Props) {
  const { view, entered, entering, refusal } = state;
  const local = useStore(devices);
  const now = useNow(state.ahead_ms);
  const [agreed, setAgreed] = useState(false);
  const [missed, setMissed] = useState(false);
  const [busy, setBusy] = useState(false);
  const id = useId();
  const isClient = view.you === 'client';
  const other = firstName(isClient ? view.reader.name : view.client.name) || 'the other one';
  const carries = carriedIn(view);
  const asks = isClient && view.paid_minutes === 0;

  const go = async () => {
    if (asks && !agreed) {
      setMissed(true);
      document.getElementById(`${id}consent`)?.focus();
      return;
    }
    await room.enter();
  };
  const act = async (work: () => Promise<unknown>) => {
    setBusy(true);
    await work();
    setBusy(false);
  };

  return (
    <div className="threshold">
      <section className="mirror" aria-labelledby={`${id}mirror`}>
        <h2 id={`${id}mirror`} className="unseen">
          {carries.length > 0 ? 'Camera and microphone' : 'This reading is in writing'}
        </h2>
        {carries.length > 0 ? (
          <DeviceCheck devices={devices} local={local} carries={carries} />
        ) : (
          <div className="arch quiet-arch">
            <MoonClock part={0.72} size={150} />
            <p>A reading in writing needs no camera and no microphone.</p>
          </div>
        )}
      </section>

      <section className="terms" aria-labelledby={`${id}terms`}>
        <p className="kicker">{modalityWords[view.modality]} reading</p>
        <h1 id={`${id}terms`}>{entered ? `Waiting for ${other}` : `With ${other}`}</h1>
        <Waiting view={view} entered={entered} other={other} now={now} />
        {refusal && (
          <div className="room-note wrong" role="alert">
            <p>{refusalWords(refusal, other)}</p>
            {refusal.code === 'insufficient_balance' && isClient && (
              <TopUp minutesCents={10 * view.rate_cents} />
            )}
          </div>
        )}
        {!entered && (
          <>
            <Terms view={view} />
            {asks && (
              <label className="consent">
                <input
                  id={`${id}consent`}
                  type="checkbox"
                  checked={agreed}
                  aria-invalid={missed && !agreed}
                  aria-describedby={missed && !agreed ? `${id}missed` : undefined}
                  onChange={(event) => setAgreed(event.target.checked)}
                />
                <span>
                  I agree to pay {money(view.rate_cents)} for each minute that begins, at most{' '}
                  {money(view.rate_cents * view.maximum_minutes)} in all.
                </span>
              </label>
            )}
            {missed && !agreed && (
              <p className="room-error" id={`${id}missed`}>
                Agree to the price first.
              </p>
            )}
          </>
        )}
        <div className="actions">
          {!entered && (
            <button type="button" className="button" disabled={entering} onClick={() => void go()}>
              {view.you === 'reader' && !view.accepted ? 'Say yes and come in' : 'Come in'}
            </button>
          )}
          {view.state === 'waiting' && isClient && (
            <button
              type="button"
              className="button plain"
              disabled={busy}
              onClick={() => void act(room.cancel)}
            >
              Take the request back
            </button>
          )}
          {view.state === 'waiting' && !isClient && !view.accepted && (
            <button
              type="button"
              className="button plain"
              disabled={busy}
              onClick={() => void act(room.decline)}
            >
              Not now
            </button>
          )}
          {view.state !== 'waiting' && (
            <button type="button" className="button plain" disabled={busy} onClick={() => void act(room.end)}>
              End the reading
            </button>
          )}
        </div>
      </section>
    </div>
  );
}

/** What happens now, and until when. */
function Waiting({
  view,
  entered,
  other,
  now,
}: {
  view: SessionView;
  entered: boolean;
  other: string;
  now: number;
}) {
  const left = view.deadline_ms === null ? null : Math.max(0, view.deadline_ms - now);
  const isClient = view.you === 'client';
  const words = ((): string => {
    switch (view.state) {
      case 'created':
      case 'waiting':
        if (isClient)
          return view.accepted
            ? entered
              ? `${other} has said yes and is coming in.`
              : `${other} has said yes. Come in when you are ready.`
            : `${other} has been asked, and is hearing it ring.`;
        return view.accepted
          ? entered
            ? `${other} is coming in.`
            : `${other} is waiting for you.`
          : `${other} asks for a reading with you.`;
      case 'paused':
        return 'The reading is paused and the clock stands still. Come in, and it goes on.';
      case 'reconnecting':
        return 'The reading is being taken up again.';
      default:
        return 'The reading is going on.';
    }
  })();
  return (
    <div className="waiting">
      {left !== null && <MoonClock part={1 - Math.min(1, left / 60_000)} size={44} />}
      <p>
        <span role="status">{words}</span>{' '}
        {left !== null && (
          <span className="until" role="timer" aria-label={`Time left: ${clockOf(left)}`}>
            {clockOf(left)}
          </span>
        )}
      </p>
    </div>
  );
}

function Terms({ view }: { view: SessionView }) {
  const { rate_cents, maximum_minutes, balance_cents, you, paid_minutes } = view;
  return (
    <dl className="ledger">
      <div>
        <dt>A minute</dt>
        <dd>
          {you === 'client'
            ? money(rate_cents)
            : `${money(earnedCents(1, rate_cents))} for you, of ${money(rate_cents)}`}
        </dd>
      </div>
      <div>
        <dt>At most</dt>
        <dd>
          {counted(maximum_minutes, 'minute')},{' '}
          {money(you === 'client' ? rate_cents * maximum_minutes : earnedCents(maximum_minutes, rate_cents))}
        </dd>
      </div>
      {balance_cents !== null && (
        <div>
          <dt>In your wallet</dt>
          <dd>{money(balance_cents)}</dd>
        </div>
      )}
      <div>
        <dt>{paid_minutes > 0 ? 'Paid so far' : 'First charged'}</dt>
        <dd>{paid_minutes > 0 ? counted(paid_minutes, 'minute') : 'after 10 seconds together'}</dd>
      </div>
    </dl>
  );
}

interface CheckProps {
  devices: Devices;
  local: DevicesState;
  carries: readonly Kind[];
}

function DeviceCheck({ devices, local, carries }: CheckProps) {
  const faults = carries.filter((kind) => local.on[kind] && local.faults[kind]);
  const hasVideo = carries.includes('video');
  return (
    <>
      <div className="arch">
        {hasVideo && local.tracks.video ? (
          <Picture track={local.tracks.video} mirrored label="Your own picture" />
        ) : (
          <div className="no-picture">
            {local.phase === 'asking' ? (
              <p>
                Your browser asks whether we may use your {hasVideo ? 'camera and microphone' : 'microphone'}.
              </p>
            ) : hasVideo ? (
              <>
                <CameraOff aria-hidden="true" />
                <p>{local.on.video ? 'No picture' : 'Your camera is off'}</p>
              </>
            ) : (
              <MoonClock part={0.72} size={120} />
            )}
          </div>
        )}
      </div>
      <Level track={local.on.audio ? local.tracks.audio : null} />
      {faults.map((kind) => {
        const { title, todo } = deviceWords(kind, local.faults[kind] ?? 'failed');
        return (
          <div className="room-note wrong" role="alert" key={kind}>
            <p>
              <b>{title}</b>
            </p>
            <p>{todo}</p>
          </div>
        );
      })}
      {faults.length > 0 && (
        <p className="again">
          <button type="button" className="button plain snug" onClick={() => void devices.open()}>
            Try again
          </button>
          <span className="small quiet">You can come in without, and listen and write.</span>
        </p>
      )}
      <DeviceChoices devices={devices} local={local} carries={carries} />
    </>
  );
}

/** Which camera, which microphone, and whether they are on. */
export function DeviceChoices({ devices, local, carries }: CheckProps) {
  const id = useId();
  const names = { audio: 'Microphone', video: 'Camera' } as const;
  return (
    <div className="choices">
      {carries.map((kind) => {
        const [On, Off] = kind === 'video' ? [Camera, CameraOff] : [Mic, MicOff];
        return (
          <div className="choice" key={kind}>
            <button
              type="button"
              className={`round ${local.on[kind] ? '' : 'off'}`}
              aria-label={
                local.on[kind]
                  ? `Switch the ${names[kind].toLowerCase()} off`
                  : `Switch the ${names[kind].toLowerCase()} on`
              }
              onClick={() => void devices.turn(kind, !local.on[kind])}
            >
              {local.on[kind] ? <On aria-hidden="true" /> : <Off aria-hidden="true" />}
            </button>
            <div className="field">
              <label htmlFor={`${id}${kind}`}>{names[kind]}</label>
              <select
                id={`${id}${kind}`}
                className="select"
                value={local.chosen[kind] ?? ''}
                disabled={local.choices[kind].length === 0}
                onChange={(event) => void devices.choose(kind, event.target.value)}
              >
                {local.choices[kind].length === 0 && <option value="">None found yet</option>}
                {local.choices[kind].map((one) => (
                  <option key={one.id} value={one.id}>
                    {one.label}
                  </option>
                ))}
              </select>
            </div>
          </div>
        );
      })}
    </div>
  );
}

/** How loud one is: proof that the microphone hears. */
function Level({ track }: { track: MediaStreamTrack | null }) {
  const [level, setLevel] = useState(0);
  useEffect(() => {
    setLevel(0);
    return track ? listenToLevel(track, setLevel) : undefined;
  }, [track]);
  const bars = 12;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a <meter> can't be drawn as bars
    <div
      className="level"
      role="meter"
      aria-label="How loud you are"
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(level * 100)}
      aria-valuetext={!track ? 'The microphone is off' : level > 0.15 ? 'We hear you' : 'Quiet'}
    >
      {Array.from({ length: bars }, (_, bar) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: bars never change places
        <span key={bar} className={level * bars > bar ? 'lit' : undefined} />
      ))}
    </div>
  );
}
