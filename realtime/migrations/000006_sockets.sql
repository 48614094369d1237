-- Sockets: tickets that open one each, sign-outs that close them, and what is said in rooms, for a day.

-- Only the hash of a ticket is kept: whoever reads this table can open nothing with it.
CREATE TABLE socket_tickets (
  ticket_hash  bytea PRIMARY KEY CHECK (octet_length(ticket_hash) = 32),
  person_id    uuid NOT NULL,
  issued_at_ms bigint NOT NULL
);
CREATE INDEX socket_tickets_issued ON socket_tickets (issued_at_ms);

-- The last sign-out of each person: no ticket or socket from before it is good any more.
CREATE TABLE socket_sign_outs (
  person_id uuid PRIMARY KEY,
  at_ms     bigint NOT NULL
);

-- The number of a room's last message. Its row is locked until the transaction that writes the message ends, so the
-- numbers become visible in their order and without a gap.
CREATE TABLE socket_rooms (
  room       text COLLATE "C" PRIMARY KEY CHECK (length(room) <= 85),
  last_seq   bigint NOT NULL,
  used_at_ms bigint NOT NULL
) WITH (fillfactor = 50);
CREATE INDEX socket_rooms_used ON socket_rooms (used_at_ms);

CREATE TABLE socket_messages (
  room  text COLLATE "C" NOT NULL,
  seq   bigint NOT NULL,
  at_ms bigint NOT NULL,
  -- JSON as it goes over the wire; nobody looks into it here.
  body  text NOT NULL CHECK (octet_length(body) <= 65536),
  PRIMARY KEY (room, seq)
);
CREATE INDEX socket_messages_at ON socket_messages (at_ms);

GRANT SELECT, INSERT, DELETE ON socket_tickets, socket_messages TO :"running_role";
GRANT SELECT, INSERT, UPDATE ON socket_sign_outs TO :"running_role";
GRANT SELECT, INSERT, UPDATE, DELETE ON socket_rooms TO :"running_role";
