import { useEffect, useRef, useState } from 'react';
import type { SessionView } from 'realtime/contract';
import { api, pageSocket } from '../live/browser.ts';
import { createDevices } from '../live/media/devices.ts';
import { kinds } from '../live/media/media.ts';
import { forgetReading, rememberReading } from '../live/open-reading.ts';
import { keepOnline } from '../live/presence.ts';
import { createRoom, type Room as RoomOf, type RoomState, type Tabs } from '../live/room.ts';
import { carriedIn, isOver } from '../live/session.ts';
import { firstName } from '../text/words.ts';
import Ending from './room/Ending.tsx';
import { keep, readKept, useStore } from './room/hooks.ts';
import Inside from './room/Inside.tsx';
import MoonClock from './room/MoonClock.tsx';
import Threshold from './room/Threshold.tsx';

interface Props {
  session: SessionView;
  me: string;
  socketUrl: string;
}

/** Tells this browser's other tabs that the room is here now. */
function openTabs(id: string): Tabs {
  const channel = new BroadcastChannel(`soulseer-room-${id}`);
  return {
    tell: () => channel.postMessage('entered'),
    told(listener) {
      channel.addEventListener('message', listener);
      return () => channel.removeEventListener('message', listener);
    },
  };
}

/** A reading from the first word to the receipt, for either of the two. */
export default function Room({ session, me, socketUrl }: Props) {
  const [{ room, devices, socket }] = useState(() => {
    const socket = pageSocket(socketUrl);
    const kept = readKept(session.id);
    return {
      socket,
      room: createRoom({ session, me, socket, api, tabs: openTabs(session.id) }),
      devices: createDevices({ wants: carriedIn(session), ...(kept ? { chosen: kept.chosen } : {}) }),
    };
  });
  const state = useStore(room);
  const local = useStore(devices);
  const line = useStore(socket.status);
  const { view, entered, takenOver } = state;
  const over = isOver(view);
  const { id } = view;
  const other = firstName(view.you === 'client' ? view.reader.name : view.client.name) || 'Somebody';

  // As it was before a reload: straight back into the room.
  useEffect(() => {
    if (isOver(room.get().view)) return;
    const kept = readKept(session.id);
    const begin = async () => {
      if (kept) for (const kind of kinds) if (!kept.on[kind]) await devices.turn(kind, false);
      const opened = carriedIn(session).length > 0 ? devices.open() : undefined;
      if (kept?.entered) await room.enter();
      await opened;
    };
    void begin();
  }, [room, devices, session]);

  useEffect(() => {
    for (const kind of kinds) room.publish(kind, local.on[kind] ? local.tracks[kind] : null);
  }, [room, local.tracks, local.on]);

  useEffect(() => {
    if (over) {
      keep(id, null);
      forgetReading(id);
      devices.close();
    } else if (takenOver) {
      keep(id, null);
      devices.close();
    } else {
      keep(id, { entered, chosen: local.chosen, on: local.on });
      rememberReading({ id, with: other });
    }
  }, [id, over, takenOver, entered, local.chosen, local.on, devices, other]);

  // A reader who was online stays so after the reading.
  useEffect(() => (session.you === 'reader' ? keepOnline(api) : undefined), [session.you]);

  // What has changed elsewhere, such as a wallet that was filled in another tab.
  useEffect(() => {
    const look = () => {
      if (document.visibilityState === 'visible') void room.refresh();
    };
    document.addEventListener('visibilitychange', look);
    addEventListener('focus', look);
    return () => {
      document.removeEventListener('visibilitychange', look);
      removeEventListener('focus', look);
    };
  }, [room]);

  // The card has paid, from here, from elsewhere or by itself.
  useEffect(
    () =>
      socket.join(`person:${me}`, {
        message(body) {
          if (body.type === 'wallet') void room.refresh();
        },
      }),
    [socket, room, me],
  );

  return (
    <div className={`room ${over ? '' : 'night'}`} data-state={view.state} data-entered={entered}>
      <Told state={state} other={other} />
      {over ? (
        <Ending room={room} state={state} api={api} />
      ) : takenOver ? (
        <Elsewhere room={room} />
      ) : entered && view.state !== 'waiting' && view.state !== 'created' ? (
        <Inside room={room} state={state} devices={devices} line={line} />
      ) : (
        <Threshold room={room} state={state} devices={devices} />
      )}
    </div>
  );
}

/** Says aloud, to whoever hears the page, what the eye sees change. */
function Told({ state, other }: { state: RoomState; other: string }) {
  const { view, messages } = state;
  const [words, setWords] = useState('');
  const before = useRef({ state: view.state, messages: messages.length });
  useEffect(() => {
    const was = before.current;
    const message = `New message from ${other}`;
    before.current = { state: view.state, messages: messages.length };
    if (was.state !== view.state && view.state === 'active')
      setWords(
        was.state === 'waiting'
          ? `${other} is here. The reading has begun.`
          : 'You are both here. The reading goes on.',
      );
    else if (messages.length > was.messages && messages.at(-1)?.side !== view.you)
      // Different each time, or the second in a row wouldn't be read out.
      setWords((said) => (said === message ? `${message}\u00a0` : message));
  }, [view.state, view.you, messages, other]);
  return (
    <p className="unseen" role="status">
      {words}
    </p>
  );
}

function Elsewhere({ room }: { room: RoomOf }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  return (
    <div className="elsewhere stack">
      <MoonClock part={0.3} size={120} />
      <h1 ref={heading} tabIndex={-1}>
        The reading is in another tab
      </h1>
      <p className="lede">
        You came in from another tab or device, and that one has taken over. The reading goes on there.
      </p>
      <p>
        <button
          type="button"
          className="button"
          // With its devices, as after a reload.
          onClick={() => {
            keep(room.get().view.id, {
              entered: true,
              chosen: { audio: null, video: null },
              on: { audio: true, video: true },
            });
            location.reload();
          }}
        >
          Take it back here
        </button>
      </p>
    </div>
  );
}
