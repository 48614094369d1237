-- Who is who, as the CMS tells it; what programs say to each other once; the audit log; mails that wait to be sent.

-- Our copy of the people. A newer version replaces an older one; a suspended person stays, and so does a closed account.
CREATE TABLE people (
  person_id      uuid PRIMARY KEY,
  version        bigint NOT NULL CHECK (version >= 1),
  issuer         text COLLATE "C" NOT NULL,
  subject        text COLLATE "C" NOT NULL,
  email          text,
  email_verified boolean NOT NULL,
  display_name   text NOT NULL,
  role           text NOT NULL CHECK (role IN ('client', 'reader', 'admin')),
  status         text NOT NULL CHECK (status IN ('active', 'suspended')),
  updated_at     timestamptz NOT NULL,
  UNIQUE (issuer, subject)
);

-- A reader may be told before the person is, so there is no foreign key.
CREATE TABLE readers (
  reader_id   text COLLATE "C" PRIMARY KEY,
  version     bigint NOT NULL CHECK (version >= 1),
  person_id   uuid UNIQUE,
  slug        text NOT NULL,
  name        text NOT NULL,
  published   boolean NOT NULL,
  time_zone   text NOT NULL,
  video_cents integer CHECK (video_cents > 0),
  voice_cents integer CHECK (voice_cents > 0),
  chat_cents  integer CHECK (chat_cents > 0),
  updated_at  timestamptz NOT NULL
);
GRANT SELECT, INSERT, UPDATE ON people, readers TO :"running_role";

-- Nonces of signed calls that may be made once only, for as long as their signature would be believed.
CREATE TABLE service_nonces (
  nonce   uuid PRIMARY KEY,
  seen_at timestamptz NOT NULL
);
CREATE INDEX service_nonces_seen_at ON service_nonces (seen_at);
GRANT SELECT, INSERT, DELETE ON service_nonces TO :"running_role";

-- Every act of staff and every refusal. Nobody changes or removes a row, the owner included; the running role adds and reads.
CREATE TABLE audit_log (
  id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  event_id        uuid NOT NULL UNIQUE,
  source          text NOT NULL CHECK (source IN ('realtime', 'cms', 'commerce', 'site')),
  -- When it happened, by the clock of whoever tells; and when it was written here.
  happened_at     timestamptz NOT NULL,
  recorded_at     timestamptz NOT NULL,
  actor_person_id uuid,
  action          text NOT NULL CHECK (length(action) BETWEEN 1 AND 100),
  subject         text CHECK (length(subject) <= 200),
  outcome         text NOT NULL CHECK (outcome IN ('done', 'refused', 'failed')),
  reason          text CHECK (length(reason) <= 500),
  address         text CHECK (length(address) <= 64),
  details         jsonb NOT NULL CHECK (jsonb_typeof(details) = 'object' AND length(details::text) <= 8192)
);
CREATE INDEX audit_log_actor ON audit_log (actor_person_id, id) WHERE actor_person_id IS NOT NULL;
CREATE INDEX audit_log_action ON audit_log (action, id);
CREATE INDEX audit_log_subject ON audit_log (subject, id) WHERE subject IS NOT NULL;

CREATE FUNCTION audit_append_only() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER audit_log_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_log
FOR EACH STATEMENT EXECUTE FUNCTION audit_append_only();
REVOKE EXECUTE ON FUNCTION audit_append_only FROM PUBLIC;
GRANT SELECT, INSERT ON audit_log TO :"running_role";

-- Mails, one a key for all time. What is said in one is forgotten when it was sent or given up.
CREATE TABLE mails (
  id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  key             text COLLATE "C" NOT NULL UNIQUE CHECK (length(key) BETWEEN 1 AND 200),
  to_person_id    uuid NOT NULL,
  template        text NOT NULL,
  contents        jsonb,
  queued_at       timestamptz NOT NULL,
  next_attempt_at timestamptz NOT NULL,
  attempts        integer NOT NULL DEFAULT 0,
  last_error      text,
  sent_at         timestamptz,
  given_up_at     timestamptz,
  CHECK (sent_at IS NULL OR given_up_at IS NULL)
);
CREATE INDEX mails_due ON mails (next_attempt_at) WHERE sent_at IS NULL AND given_up_at IS NULL;
GRANT SELECT, INSERT ON mails TO :"running_role";
GRANT UPDATE (contents, next_attempt_at, attempts, last_error, sent_at, given_up_at) ON mails TO :"running_role";

-- Counts of requests by account and by address, for all nodes. Lost in a crash of the server, and no harm done.
CREATE UNLOGGED TABLE rate_limits (
  key    text COLLATE "C" PRIMARY KEY,
  points integer NOT NULL DEFAULT 0,
  expire bigint
);
CREATE INDEX rate_limits_expire ON rate_limits (expire);
GRANT SELECT, INSERT, UPDATE, DELETE ON rate_limits TO :"running_role";
