import {
  Camera,
  CameraOff,
  LogOut,
  MessageCircle,
  Mic,
  MicOff,
  Settings2,
  Signal,
  SignalLow,
  SignalMedium,
  Volume2,
} from 'lucide-react';
import { useEffect, useId, useRef, useState } from 'react';
import type { SessionView } from 'realtime/contract';
import type { Devices } from '../../live/media/devices.ts';
import type { Kind } from '../../live/media/media.ts';
import {
  activeMs,
  boundOf,
  clockOf,
  earnedCents,
  leftMs,
  partOfMinute,
  warningOf,
} from '../../live/reckoning.ts';
import type { Room, RoomState } from '../../live/room.ts';
import { carriedIn } from '../../live/session.ts';
import type { SocketStatus } from '../../live/socket.ts';
import { deviceWords, qualityWords, refusalWords } from '../../text/session-words.ts';
import { counted, firstLetter, firstName, money } from '../../text/words.ts';
import Chat from './Chat.tsx';
import Dialog from './Dialog.tsx';
import { useNow, useStore } from './hooks.ts';
import MoonClock from './MoonClock.tsx';
import Picture from './Picture.tsx';
import { DeviceChoices } from './Threshold.tsx';
import TopUp from './TopUp.tsx';

interface Props {
  room: Room;
  state: RoomState;
  devices: Devices;
  line: SocketStatus;
}

type Open = 'end' | 'devices' | 'more' | null;

/** The room itself: whom one sees and hears, what is written, what it costs, and what happens when somebody drops. */
export default function Inside({ room, state, devices, line }: Props) {
  const { view, media, messages } = state;
  const you = view.you === 'reader' ? 'reader' : 'client';
  const other = firstName(you === 'client' ? view.reader.name : view.client.name) || 'The other one';
  const now = useNow(state.ahead_ms);
  const local = useStore(devices);
  const [open, setOpen] = useState<Open>(null);
  const carries = carriedIn(view);
  const writes = carries.length === 0;
  const [chatOpen, setChatOpen] = useState(writes);
  const [seen, setSeen] = useState(messages.length);
  const unread = messages.slice(seen).filter(({ side }) => side !== you).length;
  const isTyping = state.typing_ms !== null && now - state.ahead_ms - state.typing_ms < 4_000;
  const chatButton = useRef<HTMLButtonElement>(null);
  const id = useId();

  useEffect(() => {
    if (chatOpen) setSeen(messages.length);
  }, [chatOpen, messages.length]);

  return (
    <div className={`inside ${writes ? 'writes' : ''} ${chatOpen ? 'chat-open' : ''}`}>
      <Ledger
        view={view}
        now={now}
        other={other}
        quality={writes ? null : media.quality}
        more={() => setOpen('more')}
      />
      <Notices room={room} state={state} line={line} now={now} other={other} more={() => setOpen('more')} />

      {!writes && (
        <section className="stage" aria-label={`${other}, and you`}>
          <Others state={state} other={other} />
          {local.tracks.video && carries.includes('video') ? (
            <div className="own">
              <Picture track={local.tracks.video} mirrored label="Your own picture" />
            </div>
          ) : (
            carries.includes('video') && (
              <div className="own off">
                <CameraOff aria-hidden="true" />
                <span className="unseen">Your camera is off</span>
              </div>
            )
          )}
        </section>
      )}

      <section className="talk" id={`${id}chat`} aria-label="Messages" hidden={!chatOpen && !writes}>
        <Chat room={room} lines={messages} you={you} other={other} isTyping={isTyping} />
      </section>

      <div className="controls" role="toolbar" aria-label="Your controls">
        {carries.map((kind) => (
          <Switch
            key={kind}
            kind={kind}
            devices={devices}
            isOn={local.on[kind]}
            isThere={local.tracks[kind] !== null}
          />
        ))}
        {!writes && (
          <>
            <button
              type="button"
              className="round"
              aria-label="Camera and microphone"
              title="Camera and microphone"
              onClick={() => setOpen('devices')}
            >
              <Settings2 aria-hidden="true" />
            </button>
            <button
              ref={chatButton}
              type="button"
              className="round"
              aria-expanded={chatOpen}
              aria-controls={`${id}chat`}
              aria-label={unread > 0 ? `Messages, ${unread} new` : 'Messages'}
              title="Messages"
              onClick={() => setChatOpen(!chatOpen)}
            >
              <MessageCircle aria-hidden="true" />
              {unread > 0 && <span className="badge">{unread}</span>}
            </button>
          </>
        )}
        <button type="button" className="round leave" onClick={() => setOpen('end')}>
          <LogOut aria-hidden="true" />
          <span>End</span>
        </button>
      </div>

      {open === 'end' && (
        <EndDialog room={room} view={view} now={now} other={other} onClose={() => setOpen(null)} />
      )}
      {open === 'devices' && (
        <Dialog title="Camera and microphone" onClose={() => setOpen(null)}>
          <DeviceChoices devices={devices} local={local} carries={carries} />
          {carries.map((kind) => {
            const fault = local.on[kind] ? local.faults[kind] : null;
            const words = fault && deviceWords(kind, fault);
            return (
              words && (
                <p className="room-note wrong" key={kind}>
                  <b>{words.title}.</b> {words.todo}
                </p>
              )
            );
          })}
          {carries.some((kind) => local.on[kind] && local.faults[kind]) && (
            <button type="button" className="button plain snug" onClick={() => void devices.open()}>
              Try again
            </button>
          )}
          <p className="actions">
            <button type="button" className="button" onClick={() => setOpen(null)}>
              Done
            </button>
          </p>
        </Dialog>
      )}
      {open === 'more' && <MoreDialog room={room} view={view} onClose={() => setOpen(null)} />}
    </div>
  );
}

function Switch({
  kind,
  devices,
  isOn,
  isThere,
}: {
  kind: Kind;
  devices: Devices;
  isOn: boolean;
  isThere: boolean;
}) {
  const [On, Off, name] = kind === 'audio' ? [Mic, MicOff, 'microphone'] : [Camera, CameraOff, 'camera'];
  const label = isOn ? `Switch your ${name} off` : `Switch your ${name} on`;
  return (
    <button
      type="button"
      className={`round ${isOn && isThere ? '' : 'off'}`}
      aria-label={label}
      title={label}
      onClick={() => void devices.turn(kind, !isOn)}
    >
      {isOn && isThere ? <On aria-hidden="true" /> : <Off aria-hidden="true" />}
    </button>
  );
}

/** Whom one sees and hears. */
function Others({ state, other }: { state: RoomState; other: string }) {
  const { media, view } = state;
  const { remote, link } = media;
  const audio = useRef<HTMLAudioElement>(null);
  const [isMute, setIsMute] = useState(false);
  const track = remote?.audio ?? null;
  useEffect(() => {
    const element = audio.current;
    if (!element) return;
    element.srcObject = track && new MediaStream([track]);
    // After a reload a browser may want a press first.
    if (track)
      element.play().then(
        () => setIsMute(false),
        () => setIsMute(true),
      );
  }, [track]);
  const isThere = view.you === 'client' ? view.in.reader : view.in.client;
  const words = ((): string | null => {
    if (link === 'interrupted') return 'Sound and picture are interrupted. We are getting them back.';
    if (link === 'failed')
      return 'Sound and picture don’t get through. We keep trying; you can write meanwhile.';
    if (!isThere) return `${other} isn’t in the room`;
    if (link !== 'connected') return 'Connecting sound and picture …';
    if (view.modality === 'video' && !remote?.video) return `${other}’s camera is off`;
    return null;
  })();
  return (
    <div className="arch others">
      {remote?.video ? (
        <Picture track={remote.video} label={other} />
      ) : (
        <div className="no-picture">
          <span className="initial" aria-hidden="true">
            {firstLetter(other)}
          </span>
        </div>
      )}
      {/* biome-ignore lint/a11y/useMediaCaption: what is said live has no captions */}
      <audio ref={audio} autoPlay />
      <p className="plate">
        <b>{other}</b>
        {link === 'connected' && isThere && !track && (
          <>
            <MicOff size={16} aria-hidden="true" />
            <span className="unseen">microphone off</span>
          </>
        )}
      </p>
      {words && (
        <p className="veil" role="status">
          {words}
        </p>
      )}
      {isMute && (
        <button
          type="button"
          className="button hear"
          onClick={() => {
            void audio.current?.play().then(() => setIsMute(false));
          }}
        >
          <Volume2 aria-hidden="true" /> Let me hear {other}
        </button>
      )}
    </div>
  );
}

interface LedgerProps {
  view: SessionView;
  now: number;
  other: string;
  quality: RoomState['media']['quality'];
  more(): void;
}

/** The line that never lies: how long, how much, how long yet. */
function Ledger({ view, now, other, quality, more }: LedgerProps) {
  const active = activeMs(view, now);
  const left = leftMs(view, now);
  const isRunning = view.state === 'active';
  const Bars = { good: Signal, fair: SignalMedium, poor: SignalLow }[quality ?? 'good'];
  return (
    <header className="room-ledger">
      <div className="hour">
        <MoonClock part={partOfMinute(active)} size={46} />
        <p>
          <span className="clock" role="timer" aria-label={`Time together: ${clockOf(active)}`}>
            {clockOf(active)}
          </span>
          <span className="small quiet">{isRunning ? `with ${other}` : 'the clock stands still'}</span>
        </p>
      </div>
      <h1 className="unseen">Reading with {other}</h1>
      <dl>
        {view.you === 'client' ? (
          <>
            <div>
              <dt>So far</dt>
              <dd>{money(view.cost_cents)}</dd>
            </div>
            <div>
              <dt>Left</dt>
              <dd>{left === null ? '–' : clockOf(left)}</dd>
            </div>
            <div className="wide">
              <dt>Wallet</dt>
              <dd>{view.balance_cents === null ? '–' : money(view.balance_cents)}</dd>
            </div>
          </>
        ) : (
          <>
            <div>
              <dt>Earned</dt>
              <dd>{money(earnedCents(view.paid_minutes, view.rate_cents))}</dd>
            </div>
            <div>
              <dt>Minutes</dt>
              <dd>{view.paid_minutes}</dd>
            </div>
          </>
        )}
      </dl>
      {quality && (
        <p className={`quality ${quality}`} title={qualityWords[quality]}>
          <Bars size={22} aria-hidden="true" />
          <span className="unseen">{qualityWords[quality]}</span>
        </p>
      )}
      {view.you === 'client' && (
        <button type="button" className="button plain snug more" onClick={more}>
          More time
        </button>
      )}
    </header>
  );
}

interface NoticesProps {
  room: Room;
  state: RoomState;
  line: SocketStatus;
  now: number;
  other: string;
  more(): void;
}

/** What has happened, what it means for the money, and until when. */
function Notices({ room, state, line, now, other, more }: NoticesProps) {
  const { view, refusal } = state;
  const warning = view.state === 'active' ? warningOf(view, now) : null;
  const [waved, setWaved] = useState<number | null>(null);
  // There is time again: what runs low after that is told anew (W9).
  if (view.state === 'active' && warning === null && waved !== null) setWaved(null);
  const grace = view.deadline_ms === null ? null : Math.max(0, view.deadline_ms - now);
  const bound = boundOf(view);
  const isMine = view.pause?.side === view.you;
  const minutesCents = 10 * view.rate_cents;

  return (
    <div className="notices">
      {line.state !== 'open' && (
        <div className="room-note wrong" role="alert">
          {line.state === 'closed' ? (
            <>
              <p>{closedWords(line.reason)}</p>
              <button type="button" className="button snug" onClick={() => location.reload()}>
                Load the page again
              </button>
            </>
          ) : (
            <p>
              <b>Your connection is gone.</b> We are getting it back. After 15 seconds the clock stops, and
              you have five minutes to come back.
            </p>
          )}
        </div>
      )}
      {line.state === 'open' && view.state === 'paused' && (
        <div className="room-note" role="alert">
          <p>
            <b>
              {isMine
                ? 'You were away, and the reading is paused.'
                : view.pause?.cause === 'lost'
                  ? `${other}’s connection is lost.`
                  : `${other} has stepped out.`}
            </b>{' '}
            The clock stands still and nothing is charged.{' '}
            {isMine
              ? 'We are taking you back in.'
              : `If ${other} isn’t back in time, the reading ends by itself.`}
          </p>
          {grace !== null && <Until ms={grace} />}
        </div>
      )}
      {line.state === 'open' && view.state === 'reconnecting' && (
        <div className="room-note" role="status">
          <p>
            <b>The reading is being taken up again.</b> It goes on as soon as you are both here.
          </p>
          {grace !== null && <Until ms={grace} />}
        </div>
      )}
      {refusal && (
        <div className="room-note wrong" role="alert">
          <p>{refusalWords(refusal, other)}</p>
          {refusal.code === 'insufficient_balance' && view.you === 'client' && (
            <TopUp minutesCents={minutesCents} />
          )}
          {refusal.code === 'agreed_maximum' && view.you === 'client' && (
            <button type="button" className="button snug" onClick={more}>
              Raise the maximum
            </button>
          )}
          <button type="button" className="button plain snug" onClick={() => void room.enter()}>
            Try again
          </button>
        </div>
      )}
      {warning !== null && warning !== waved && (
        <div className={`room-note ${warning === 1 ? 'wrong' : ''}`} role="alert">
          <p>
            <b>
              {warning === 1
                ? 'One minute left, or less.'
                : `${warning === 2 ? 'Two' : 'Three'} minutes left.`}
            </b>{' '}
            {bound === 'maximum'
              ? 'Then the maximum that you agreed to is reached.'
              : bound === 'limit'
                ? 'Then the limit that you have set for your spending is reached.'
                : 'Then the money in your wallet is used up.'}
          </p>
          {bound === 'maximum' && (
            <button type="button" className="button snug" onClick={more}>
              Raise the maximum
            </button>
          )}
          {bound === 'money' && <TopUp minutesCents={minutesCents} />}
          <button type="button" className="button plain snug" onClick={() => setWaved(warning)}>
            I know
          </button>
        </div>
      )}
    </div>
  );
}

const Until = ({ ms }: { ms: number }) => (
  <p className="until" role="timer" aria-label={`Time left: ${clockOf(ms)}`}>
    {clockOf(ms)}
  </p>
);

function closedWords(reason: string): string {
  switch (reason) {
    case 'signed_out':
    case 'not_signed_in':
      return 'You are signed out, and so out of the room. Sign in again to come back.';
    case 'suspended':
    case 'account_suspended':
      return 'Your account is suspended.';
    case 'replaced':
      return 'You have opened SoulSeer in too many windows, so this one was let go.';
    default:
      return 'This page has lost its way.';
  }
}

function EndDialog({
  room,
  view,
  now,
  other,
  onClose,
}: {
  room: Room;
  view: SessionView;
  now: number;
  other: string;
  onClose(): void;
}) {
  const [wrong, setWrong] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const active = activeMs(view, now);
  return (
    <Dialog title="End the reading?" onClose={onClose}>
      <p>
        You have been together for {clockOf(active)}.{' '}
        {view.paid_minutes === 0
          ? 'Nothing has been charged yet.'
          : `${counted(view.paid_minutes, 'minute')} ${view.paid_minutes === 1 ? 'is' : 'are'} paid.`}{' '}
        Once it has ended it can’t be taken up again.
      </p>
      {view.state === 'active' && (
        <p className="small quiet">
          If you only need a moment, step out instead: the clock stops, and {other} waits up to five minutes
          for you.
        </p>
      )}
      {wrong && (
        <p className="room-error" role="alert">
          {wrong}
        </p>
      )}
      <div className="actions">
        <button
          type="button"
          className="button"
          disabled={busy}
          onClick={() => {
            setBusy(true);
            void room.end().then((refusal) => {
              setBusy(false);
              if (refusal) setWrong(refusalWords(refusal, other));
            });
          }}
        >
          End the reading
        </button>
        {view.state === 'active' && (
          <button
            type="button"
            className="button plain"
            disabled={busy}
            onClick={() => {
              onClose();
              void room.stepOut();
            }}
          >
            Step out
          </button>
        )}
        <button type="button" className="button plain" onClick={onClose}>
          Go on
        </button>
      </div>
    </Dialog>
  );
}

/** More time: more money, or a higher maximum. */
function MoreDialog({ room, view, onClose }: { room: Room; view: SessionView; onClose(): void }) {
  const [minutes, setMinutes] = useState(view.maximum_minutes + 15);
  const [told, setTold] = useState<{ wrong: boolean; words: string } | null>(null);
  const id = useId();
  return (
    <Dialog title="More time" onClose={onClose}>
      <p>
        You have agreed to at most {counted(view.maximum_minutes, 'minute')}
        {view.balance_cents !== null && `, and there are ${money(view.balance_cents)} in your wallet`}.
        Raising the maximum costs nothing by itself: you pay for the minutes that begin.
      </p>
      <div className="field">
        <label htmlFor={`${id}minutes`}>New maximum, in minutes</label>
        <input
          id={`${id}minutes`}
          className="input"
          type="number"
          inputMode="numeric"
          min={view.maximum_minutes + 1}
          max={1_000}
          value={Number.isNaN(minutes) ? '' : minutes}
          onChange={(event) => setMinutes(event.target.valueAsNumber)}
        />
      </div>
      <p className="small quiet">
        At most {money(view.rate_cents * (Number.isNaN(minutes) ? 0 : minutes))} in all.
      </p>
      {told && (
        <p className={told.wrong ? 'room-error' : 'room-note'} role="alert">
          {told.words}
        </p>
      )}
      <div className="actions">
        <button
          type="button"
          className="button"
          disabled={!(minutes > view.maximum_minutes && minutes <= 1_000)}
          onClick={() => {
            void room.raise(Math.floor(minutes)).then((refusal) => {
              setTold(
                refusal
                  ? { wrong: true, words: refusalWords(refusal) }
                  : { wrong: false, words: `Agreed: at most ${counted(Math.floor(minutes), 'minute')}.` },
              );
            });
          }}
        >
          I agree to that
        </button>
        <TopUp minutesCents={10 * view.rate_cents} plain />
        <button type="button" className="button plain" onClick={onClose}>
          Back
        </button>
      </div>
    </Dialog>
  );
}
