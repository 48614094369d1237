-- Sessions: two people in a room. The running role may bring a session from one state to another and nothing else; a trigger
-- holds each change to the table of moves, writes its event, and takes and frees the seats of the two people. Times are
-- milliseconds since 1970, as the clock gives them.

CREATE TYPE session_state AS ENUM ('created', 'waiting', 'active', 'paused', 'reconnecting', 'ended', 'finalized');

-- MOVES of src/sessions/session.ts, word for word: a test compares the two.
CREATE TABLE session_moves (
  from_state session_state NOT NULL,
  event      text NOT NULL,
  to_state   session_state NOT NULL,
  PRIMARY KEY (from_state, event, to_state)
);
INSERT INTO session_moves (from_state, event, to_state) VALUES
  ('created', 'ask', 'waiting'),
  ('created', 'cancel', 'ended'),
  ('created', 'end', 'ended'),
  ('created', 'suspend', 'ended'),
  ('waiting', 'accept', 'waiting'),
  ('waiting', 'accept', 'active'),
  ('waiting', 'decline', 'ended'),
  ('waiting', 'cancel', 'ended'),
  ('waiting', 'join', 'waiting'),
  ('waiting', 'join', 'active'),
  ('waiting', 'leave', 'waiting'),
  ('waiting', 'absent', 'waiting'),
  ('waiting', 'time', 'ended'),
  ('waiting', 'outage', 'waiting'),
  ('waiting', 'halt', 'ended'),
  ('waiting', 'end', 'ended'),
  ('waiting', 'suspend', 'ended'),
  ('active', 'leave', 'paused'),
  ('active', 'leave', 'ended'),
  ('active', 'absent', 'paused'),
  ('active', 'absent', 'ended'),
  ('active', 'halt', 'ended'),
  ('active', 'end', 'ended'),
  ('active', 'suspend', 'ended'),
  ('paused', 'reconnect', 'reconnecting'),
  ('paused', 'time', 'ended'),
  ('paused', 'outage', 'paused'),
  ('paused', 'halt', 'ended'),
  ('paused', 'end', 'ended'),
  ('paused', 'suspend', 'ended'),
  ('reconnecting', 'join', 'reconnecting'),
  ('reconnecting', 'join', 'active'),
  ('reconnecting', 'leave', 'paused'),
  ('reconnecting', 'absent', 'reconnecting'),
  ('reconnecting', 'reconnect', 'reconnecting'),
  ('reconnecting', 'reconnect', 'active'),
  ('reconnecting', 'beat', 'reconnecting'),
  ('reconnecting', 'beat', 'active'),
  ('reconnecting', 'time', 'paused'),
  ('reconnecting', 'time', 'ended'),
  ('reconnecting', 'outage', 'reconnecting'),
  ('reconnecting', 'halt', 'ended'),
  ('reconnecting', 'end', 'ended'),
  ('reconnecting', 'suspend', 'ended'),
  ('ended', 'finalise', 'finalized');

CREATE TABLE sessions (
  id               uuid PRIMARY KEY,
  version          integer NOT NULL DEFAULT 1,
  state            session_state NOT NULL DEFAULT 'created',
  -- What is agreed when it is created. The maximum is the meter's.
  client_id        uuid NOT NULL,
  reader_person_id uuid NOT NULL CHECK (reader_person_id <> client_id),
  reader_id        text NOT NULL,
  modality         text NOT NULL CHECK (modality IN ('video', 'voice', 'chat')),
  rate_cents       integer NOT NULL CHECK (rate_cents BETWEEN 1 AND 10000),
  channel          text NOT NULL UNIQUE CHECK (channel ~ '^[A-Za-z0-9_-]{32,64}$'),
  created_ms       bigint NOT NULL,
  -- The browser's key and what it asked for, so that a second try finds the first's session.
  request_key      text CHECK (length(request_key) BETWEEN 1 AND 200),
  request_hash     text,
  -- What each state carries, and only that state: see sessions_body.
  asked_ms         bigint,
  accepted_ms      bigint,
  client_in        boolean,
  reader_in        boolean,
  deadline_ms      bigint,
  since_ms         bigint,
  paused_ms        bigint,
  grace_ends_ms    bigint,
  pause_side       text CHECK (pause_side IN ('client', 'reader')),
  pause_cause      text CHECK (pause_cause IN ('left', 'lost')),
  pauses           integer CHECK (pauses BETWEEN 0 AND 5),
  grace_used_ms    bigint CHECK (grace_used_ms >= 0),
  ended_ms         bigint,
  end_reason       text CHECK (end_reason IN ('ended_by_client', 'ended_by_reader', 'ended_by_staff', 'out_of_money', 'spending_limit',
                     'agreed_maximum', 'grace_expired', 'too_many_pauses', 'declined', 'cancelled', 'not_answered', 'not_joined', 'suspended')),
  ended_by         text CHECK (ended_by IN ('client', 'reader', 'staff', 'system')),
  finalized_ms     bigint,
  -- What finalising found: minutes, cents, active time.
  summary          jsonb,
  -- Who made the last move, when and why; the trigger keeps it as an event.
  moved_ms         bigint NOT NULL,
  moved_event      text NOT NULL DEFAULT 'create',
  moved_by         text NOT NULL CHECK (moved_by IN ('client', 'reader', 'staff', 'system')),
  moved_person_id  uuid,
  moved_why        text CHECK (length(moved_why) <= 500),
  CONSTRAINT sessions_request UNIQUE (client_id, request_key),
  CONSTRAINT sessions_body CHECK (CASE state
    WHEN 'created' THEN num_nonnulls(asked_ms, accepted_ms, client_in, reader_in, deadline_ms, since_ms, paused_ms, grace_ends_ms, pause_side, pause_cause, pauses, grace_used_ms, ended_ms, end_reason, ended_by, finalized_ms, summary) = 0
    WHEN 'waiting' THEN num_nulls(asked_ms, client_in, reader_in, deadline_ms) = 0
      AND num_nonnulls(since_ms, paused_ms, grace_ends_ms, pause_side, pause_cause, pauses, grace_used_ms, ended_ms, end_reason, ended_by, finalized_ms, summary) = 0
    WHEN 'active' THEN num_nulls(since_ms, pauses, grace_used_ms) = 0
      AND num_nonnulls(asked_ms, accepted_ms, client_in, reader_in, deadline_ms, paused_ms, grace_ends_ms, pause_side, pause_cause, ended_ms, end_reason, ended_by, finalized_ms, summary) = 0
    WHEN 'paused' THEN num_nulls(paused_ms, grace_ends_ms, pause_side, pause_cause, pauses, grace_used_ms) = 0
      AND num_nonnulls(asked_ms, accepted_ms, client_in, reader_in, deadline_ms, since_ms, ended_ms, end_reason, ended_by, finalized_ms, summary) = 0
    WHEN 'reconnecting' THEN num_nulls(since_ms, deadline_ms, client_in, reader_in, paused_ms, grace_ends_ms, pause_side, pause_cause, pauses, grace_used_ms) = 0
      AND num_nonnulls(asked_ms, accepted_ms, ended_ms, end_reason, ended_by, finalized_ms, summary) = 0
    WHEN 'ended' THEN num_nulls(ended_ms, end_reason, ended_by) = 0
      AND num_nonnulls(asked_ms, accepted_ms, client_in, reader_in, deadline_ms, since_ms, paused_ms, grace_ends_ms, pause_side, pause_cause, pauses, grace_used_ms, finalized_ms, summary) = 0
    WHEN 'finalized' THEN num_nulls(ended_ms, end_reason, ended_by, finalized_ms, summary) = 0
      AND num_nonnulls(asked_ms, accepted_ms, client_in, reader_in, deadline_ms, since_ms, paused_ms, grace_ends_ms, pause_side, pause_cause, pauses, grace_used_ms) = 0
  END)
) WITH (fillfactor = 70);
-- One open session a reader and one a client; session_seats says the same across the two roles.
CREATE UNIQUE INDEX sessions_open_client ON sessions (client_id) WHERE state NOT IN ('created', 'ended', 'finalized');
CREATE UNIQUE INDEX sessions_open_reader ON sessions (reader_person_id) WHERE state NOT IN ('created', 'ended', 'finalized');
CREATE INDEX sessions_ended ON sessions (ended_ms) WHERE state = 'ended';
CREATE INDEX sessions_of_client ON sessions (client_id, created_ms DESC, id);
CREATE INDEX sessions_of_reader ON sessions (reader_person_id, created_ms DESC, id);

-- A person sits in one session at a time, as client or as reader. Kept by the trigger alone.
CREATE TABLE session_seats (
  person_id  uuid PRIMARY KEY,
  session_id uuid NOT NULL REFERENCES sessions,
  side       text NOT NULL CHECK (side IN ('client', 'reader')),
  UNIQUE (session_id, side)
);

-- Each move: who, when, why. Written by the trigger alone, and never changed.
CREATE TABLE session_events (
  session_id uuid NOT NULL REFERENCES sessions,
  version    integer NOT NULL,
  at_ms      bigint NOT NULL,
  from_state session_state,
  to_state   session_state NOT NULL,
  event      text NOT NULL,
  by         text NOT NULL,
  person_id  uuid,
  why        text,
  PRIMARY KEY (session_id, version)
);
CREATE TRIGGER session_events_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON session_events
FOR EACH STATEMENT EXECUTE FUNCTION ledger_append_only();

CREATE FUNCTION sessions_move_check() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF NEW.state <> 'created' OR NEW.version <> 1 OR NEW.moved_event <> 'create' THEN
      RAISE EXCEPTION 'a session begins as created' USING ERRCODE = 'check_violation', CONSTRAINT = 'sessions_move';
    END IF;
    RETURN NEW;
  END IF;
  IF (NEW.id, NEW.client_id, NEW.reader_person_id, NEW.reader_id, NEW.modality, NEW.rate_cents, NEW.channel, NEW.created_ms)
    IS DISTINCT FROM (OLD.id, OLD.client_id, OLD.reader_person_id, OLD.reader_id, OLD.modality, OLD.rate_cents, OLD.channel, OLD.created_ms) THEN
    RAISE EXCEPTION 'the terms of a session never change' USING ERRCODE = 'check_violation', CONSTRAINT = 'sessions_move';
  END IF;
  IF NEW.version <> OLD.version + 1 OR NOT EXISTS (
    SELECT FROM session_moves m WHERE m.from_state = OLD.state AND m.event = NEW.moved_event AND m.to_state = NEW.state
  ) THEN
    RAISE EXCEPTION 'no move leads from % by % to %', OLD.state, NEW.moved_event, NEW.state
      USING ERRCODE = 'check_violation', CONSTRAINT = 'sessions_move';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER sessions_move BEFORE INSERT OR UPDATE ON sessions FOR EACH ROW EXECUTE FUNCTION sessions_move_check();
CREATE TRIGGER sessions_stay BEFORE DELETE OR TRUNCATE ON sessions FOR EACH STATEMENT EXECUTE FUNCTION ledger_append_only();

CREATE FUNCTION sessions_moved() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  taken uuid[];
BEGIN
  INSERT INTO session_events (session_id, version, at_ms, from_state, to_state, event, by, person_id, why)
  VALUES (NEW.id, NEW.version, NEW.moved_ms, CASE WHEN TG_OP = 'UPDATE' THEN OLD.state END, NEW.state, NEW.moved_event, NEW.moved_by, NEW.moved_person_id, NEW.moved_why);
  IF TG_OP = 'INSERT' THEN RETURN NULL; END IF;
  IF OLD.state = 'created' AND NEW.state = 'waiting' THEN
    -- In one order, so that two requests wait for each other and never in a ring.
    WITH wanted AS (
      SELECT * FROM (VALUES (NEW.client_id, 'client'), (NEW.reader_person_id, 'reader')) w (person, side) ORDER BY person
    ), seated AS (
      INSERT INTO session_seats (person_id, session_id, side) SELECT person, NEW.id, side FROM wanted ORDER BY person
      ON CONFLICT (person_id) DO NOTHING RETURNING person_id
    )
    SELECT array_agg(person_id) INTO taken FROM seated;
    IF NEW.client_id = ANY (taken) IS NOT TRUE THEN
      RAISE EXCEPTION USING ERRCODE = 'SL003', MESSAGE = 'already_in_session';
    ELSIF NEW.reader_person_id = ANY (taken) IS NOT TRUE THEN
      RAISE EXCEPTION USING ERRCODE = 'SL003', MESSAGE = 'reader_busy';
    END IF;
  ELSIF NEW.state = 'ended' THEN
    DELETE FROM session_seats WHERE session_id = NEW.id;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER sessions_moved AFTER INSERT OR UPDATE ON sessions FOR EACH ROW EXECUTE FUNCTION sessions_moved();

-- When each was last heard in the room. Written every 5 s a person, so it is a row of its own, with no index on what changes.
CREATE TABLE session_presence (
  session_id uuid NOT NULL REFERENCES sessions,
  side       text NOT NULL CHECK (side IN ('client', 'reader')),
  seen_ms    bigint NOT NULL,
  -- In the room, as far as we know.
  here       boolean NOT NULL,
  PRIMARY KEY (session_id, side)
) WITH (fillfactor = 50);

-- A stretch in which the clock ran, and until when each was there: what the receipt says of each minute.
CREATE TABLE session_runs (
  session_id       uuid NOT NULL REFERENCES sessions,
  number           integer NOT NULL,
  from_ms          bigint NOT NULL,
  -- Active time when it began.
  active_before_ms bigint NOT NULL,
  until_ms         bigint,
  client_until_ms  bigint,
  reader_until_ms  bigint,
  PRIMARY KEY (session_id, number),
  CHECK (num_nulls(until_ms, client_until_ms, reader_until_ms) IN (0, 3))
);

-- What readers say of themselves, and until when it holds without being said again. Busy is who has a seat.
CREATE TABLE reader_presence (
  reader_person_id uuid PRIMARY KEY,
  wish             text NOT NULL CHECK (wish IN ('online', 'away', 'offline')),
  since_ms         bigint NOT NULL,
  until_ms         bigint NOT NULL,
  -- What was last told of it, so that a change is told once.
  told             text NOT NULL DEFAULT 'offline' CHECK (told IN ('online', 'busy', 'away', 'offline'))
);

-- Who waits for a busy reader. Whoever has the turn has the reader to themselves until it is over.
CREATE TABLE reader_queue (
  reader_person_id uuid NOT NULL,
  client_id        uuid NOT NULL CHECK (client_id <> reader_person_id),
  number           bigint GENERATED ALWAYS AS IDENTITY,
  modality         text NOT NULL CHECK (modality IN ('video', 'voice', 'chat')),
  joined_ms        bigint NOT NULL,
  turn_until_ms    bigint,
  PRIMARY KEY (reader_person_id, client_id)
);
CREATE INDEX reader_queue_order ON reader_queue (reader_person_id, number);
CREATE INDEX reader_queue_client ON reader_queue (client_id);
CREATE UNIQUE INDEX reader_queue_turn ON reader_queue (reader_person_id) WHERE turn_until_ms IS NOT NULL;

-- What was written in the room. A key of the writer's own makes a second try the same message.
CREATE TABLE session_messages (
  session_id uuid NOT NULL REFERENCES sessions,
  number     integer NOT NULL,
  side       text NOT NULL CHECK (side IN ('client', 'reader')),
  key        uuid NOT NULL,
  at_ms      bigint NOT NULL,
  text       text NOT NULL CHECK (length(text) BETWEEN 1 AND 2000),
  PRIMARY KEY (session_id, number),
  CONSTRAINT session_messages_key UNIQUE (session_id, side, key)
);

-- A note of a session for its writer alone.
CREATE TABLE session_notes (
  session_id uuid NOT NULL REFERENCES sessions,
  writer_id  uuid NOT NULL,
  text       text NOT NULL CHECK (length(text) <= 10000),
  updated_ms bigint NOT NULL,
  PRIMARY KEY (session_id, writer_id)
);

-- Minutes that staff gave back, and why; the money is the ledger's.
CREATE TABLE session_give_backs (
  session_id uuid NOT NULL REFERENCES sessions,
  minute     integer NOT NULL CHECK (minute >= 1),
  at_ms      bigint NOT NULL,
  staff_id   uuid NOT NULL,
  reason     text NOT NULL CHECK (length(reason) BETWEEN 1 AND 500),
  PRIMARY KEY (session_id, minute)
);
CREATE TRIGGER session_give_backs_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON session_give_backs
FOR EACH STATEMENT EXECUTE FUNCTION ledger_append_only();

-- When a node last swept: after a longer silence no node ran.
CREATE TABLE session_sweeps (
  one    boolean PRIMARY KEY DEFAULT true CHECK (one),
  ran_ms bigint NOT NULL
);

GRANT SELECT ON session_moves, session_events, session_seats TO :"running_role";
GRANT SELECT, INSERT ON sessions, session_messages, session_give_backs TO :"running_role";
GRANT UPDATE (version, state, asked_ms, accepted_ms, client_in, reader_in, deadline_ms, since_ms, paused_ms, grace_ends_ms, pause_side,
  pause_cause, pauses, grace_used_ms, ended_ms, end_reason, ended_by, finalized_ms, summary, moved_ms, moved_event, moved_by, moved_person_id,
  moved_why) ON sessions TO :"running_role";
GRANT SELECT, INSERT, UPDATE ON session_presence, session_runs, reader_presence, session_sweeps TO :"running_role";
GRANT SELECT, INSERT, UPDATE, DELETE ON reader_queue, session_notes TO :"running_role";
REVOKE ALL ON FUNCTION sessions_move_check, sessions_moved FROM PUBLIC;
