/** The rooms of sessions and of readers' presence on the socket: who may be in them, and what is done with what is said there. */

import type { Hub, SocketRefusal } from '../sockets/hub.ts';
import { sessionRoom } from './announce.ts';
import type { SessionModule } from './module.ts';
import { isOpen, sideOf } from './session.ts';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

const refusal = (code: string): SocketRefusal => ({ code, title: 'That can’t be done in this session now' });

export function registerSessionRooms(hub: Hub, { sessions, room }: SessionModule): void {
  hub.rooms('session', {
    async authorise(id, { person_id }) {
      const session = UUID.test(id) ? await sessions.read(id) : undefined;
      return session !== undefined && sideOf(session, person_id) !== null;
    },
    on: {
      async heartbeat(id, { person }) {
        const beat = await sessions.heartbeat(id, person.person_id);
        return beat.ok ? undefined : refusal(beat.refused.code);
      },
      async chat(id, { person }, message) {
        const written = await room.write(id, person.person_id, message.id, message.text);
        return written.ok ? undefined : refusal(written.code);
      },
      typing(id, { connection_id, person }) {
        hub.send(
          sessionRoom(id),
          { type: 'typing', from_person_id: person.person_id },
          { except_connection_id: connection_id },
        );
        return undefined;
      },
      async signal(id, { connection_id, person }, { signal, entered_ms }) {
        const session = await sessions.current(id);
        if (!session || !isOpen(session.state)) return refusal('session_ended');
        hub.send(
          sessionRoom(id),
          { type: 'signal', from_person_id: person.person_id, signal, entered_ms },
          { urgent: true, except_connection_id: connection_id },
        );
        return undefined;
      },
    },
  });
  hub.rooms('presence', { authorise: () => true });
}
