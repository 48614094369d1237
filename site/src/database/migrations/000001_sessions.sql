-- People as the CMS tells them; whoever has signed in is among them, even when the CMS's own word comes later.
CREATE TABLE people (
  person_id    uuid PRIMARY KEY,
  version      bigint NOT NULL CHECK (version >= 1),
  display_name text NOT NULL,
  role         text NOT NULL CHECK (role IN ('client', 'reader', 'admin')),
  status       text NOT NULL CHECK (status IN ('active', 'suspended')),
  updated_at   timestamptz NOT NULL DEFAULT now()
);

-- Readers likewise: only what leads a reader to their own page.
CREATE TABLE readers (
  reader_id  text PRIMARY KEY,
  version    bigint NOT NULL CHECK (version >= 1),
  person_id  uuid,
  slug       text NOT NULL,
  published  boolean NOT NULL,
  updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX readers_person ON readers (person_id);

-- A browser that is signed in. The browser holds the id, we its hash; tokens are in the payload, encrypted.
CREATE TABLE sessions (
  id_hash    bytea PRIMARY KEY CHECK (length(id_hash) = 32),
  person_id  uuid NOT NULL REFERENCES people,
  -- Nothing once the session has been ended by a suspension: what is left only says why.
  payload    bytea,
  created_at timestamptz NOT NULL DEFAULT now(),
  seen_at    timestamptz NOT NULL DEFAULT now(),
  -- The absolute end, whatever happens before.
  expires_at timestamptz NOT NULL
);
CREATE INDEX sessions_person ON sessions (person_id);
CREATE INDEX sessions_expiry ON sessions (expires_at);
CREATE INDEX sessions_seen ON sessions (seen_at);

-- Signed calls to realtime that have not been accepted yet: sign-outs and the audit log.
CREATE TABLE outbox (
  id         uuid PRIMARY KEY,
  path       text NOT NULL,
  body       jsonb NOT NULL,
  attempts   integer NOT NULL DEFAULT 0,
  due_at     timestamptz NOT NULL DEFAULT now(),
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX outbox_due ON outbox (due_at);

-- How often somebody has done something, as rate-limiter-flexible counts. A crash may forget it.
CREATE UNLOGGED TABLE rate_limits (
  key    varchar(255) PRIMARY KEY,
  points integer NOT NULL DEFAULT 0,
  expire bigint
);
CREATE INDEX rate_limits_expire ON rate_limits (expire);
