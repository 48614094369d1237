import { type MigrateDownArgs, type MigrateUpArgs, sql } from '@payloadcms/db-postgres'

export async function up({ db }: MigrateUpArgs): Promise<void> {
  await db.execute(sql`
   ALTER TABLE "people_sessions" DISABLE ROW LEVEL SECURITY;
  DROP TABLE "people_sessions" CASCADE;
  DROP INDEX "people_email_idx";
  ALTER TABLE "people" ALTER COLUMN "email" DROP NOT NULL;
  ALTER TABLE "people" ADD COLUMN "email_verified" boolean DEFAULT false;
  ALTER TABLE "people" ADD COLUMN "person_id" varchar;
  ALTER TABLE "people" ADD COLUMN "issuer" varchar;
  ALTER TABLE "people" ADD COLUMN "subject" varchar;
  -- Who was there before signed in with a password, and has no subject anywhere. The seed gives the demo people theirs.
  UPDATE "people" SET "person_id" = gen_random_uuid()::text, "issuer" = 'before-openid-connect', "subject" = "email";
  ALTER TABLE "people" ALTER COLUMN "person_id" SET NOT NULL;
  ALTER TABLE "people" ALTER COLUMN "issuer" SET NOT NULL;
  ALTER TABLE "people" ALTER COLUMN "subject" SET NOT NULL;
  ALTER TABLE "people" ADD COLUMN "version" numeric DEFAULT 1 NOT NULL;
  CREATE UNIQUE INDEX "people_person_id_idx" ON "people" USING btree ("person_id");
  CREATE UNIQUE INDEX "issuer_subject_idx" ON "people" USING btree ("issuer","subject");
  CREATE INDEX "people_email_idx" ON "people" USING btree ("email");
  ALTER TABLE "people" DROP COLUMN "reset_password_token";
  ALTER TABLE "people" DROP COLUMN "reset_password_expiration";
  ALTER TABLE "people" DROP COLUMN "salt";
  ALTER TABLE "people" DROP COLUMN "hash";
  ALTER TABLE "people" DROP COLUMN "reset_password_requested_at";
  ALTER TABLE "people" DROP COLUMN "login_attempts";
  ALTER TABLE "people" DROP COLUMN "lock_until";`)

  // No document of Payload's, so nothing of the collections: the program's own bookkeeping.
  await db.execute(sql`
  CREATE SEQUENCE "outbox_number";

  -- What other programs are to be told. One row a document and destination: of its states only the newest is worth telling.
  CREATE TABLE "outbox" (
    "destination" text NOT NULL CHECK ("destination" IN ('realtime', 'commerce', 'site')),
    "kind" text NOT NULL CHECK ("kind" IN ('person', 'reader', 'mail', 'audit')),
    "key" text NOT NULL,
    -- Also the version of a document: it is taken under the lock of the changed row.
    "number" bigint NOT NULL,
    "payload" jsonb NOT NULL,
    "priority" smallint NOT NULL DEFAULT 0,
    "created_at" timestamptz NOT NULL DEFAULT now(),
    "attempts" integer NOT NULL DEFAULT 0,
    "next_attempt_at" timestamptz NOT NULL DEFAULT now(),
    "leased_until" timestamptz,
    "last_error" text,
    PRIMARY KEY ("destination", "kind", "key")
  );
  CREATE INDEX "outbox_next_idx" ON "outbox" ("destination", "priority", "number");

  -- Secrets of cookies are kept as their hashes.
  CREATE TABLE "admin_sessions" (
    "id_hash" text PRIMARY KEY,
    "person_id" integer NOT NULL REFERENCES "people" ("id") ON DELETE CASCADE,
    "id_token" text,
    "created_at" timestamptz NOT NULL DEFAULT now(),
    "expires_at" timestamptz NOT NULL
  );
  CREATE INDEX "admin_sessions_expires_idx" ON "admin_sessions" ("expires_at");

  CREATE TABLE "sign_in_attempts" (
    "id_hash" text PRIMARY KEY,
    "state" text NOT NULL,
    "nonce" text NOT NULL,
    "verifier" text NOT NULL,
    "return_to" text NOT NULL,
    "expires_at" timestamptz NOT NULL
  );
  CREATE INDEX "sign_in_attempts_expires_idx" ON "sign_in_attempts" ("expires_at");

  -- Counts of a minute or an hour: nothing is lost with them after a crash.
  CREATE UNLOGGED TABLE "rate_limits" (
    "key" text PRIMARY KEY,
    "count" integer NOT NULL,
    "ends_at" timestamptz NOT NULL
  );`)
}

export async function down({ db }: MigrateDownArgs): Promise<void> {
  await db.execute(sql`
   DROP TABLE "rate_limits", "sign_in_attempts", "admin_sessions", "outbox";
  DROP SEQUENCE "outbox_number";
  CREATE TABLE "people_sessions" (
  	"_order" integer NOT NULL,
  	"_parent_id" integer NOT NULL,
  	"id" varchar PRIMARY KEY NOT NULL,
  	"created_at" timestamp(3) with time zone,
  	"expires_at" timestamp(3) with time zone NOT NULL
  );
  
  DROP INDEX "people_person_id_idx";
  DROP INDEX "issuer_subject_idx";
  DROP INDEX "people_email_idx";
  ALTER TABLE "people" ALTER COLUMN "email" SET NOT NULL;
  ALTER TABLE "people" ADD COLUMN "reset_password_token" varchar;
  ALTER TABLE "people" ADD COLUMN "reset_password_expiration" timestamp(3) with time zone;
  ALTER TABLE "people" ADD COLUMN "salt" varchar;
  ALTER TABLE "people" ADD COLUMN "hash" varchar;
  ALTER TABLE "people" ADD COLUMN "reset_password_requested_at" timestamp(3) with time zone;
  ALTER TABLE "people" ADD COLUMN "login_attempts" numeric DEFAULT 0;
  ALTER TABLE "people" ADD COLUMN "lock_until" timestamp(3) with time zone;
  ALTER TABLE "people_sessions" ADD CONSTRAINT "people_sessions_parent_id_fk" FOREIGN KEY ("_parent_id") REFERENCES "public"."people"("id") ON DELETE cascade ON UPDATE no action;
  CREATE INDEX "people_sessions_order_idx" ON "people_sessions" USING btree ("_order");
  CREATE INDEX "people_sessions_parent_id_idx" ON "people_sessions" USING btree ("_parent_id");
  CREATE UNIQUE INDEX "people_email_idx" ON "people" USING btree ("email");
  ALTER TABLE "people" DROP COLUMN "email_verified";
  ALTER TABLE "people" DROP COLUMN "person_id";
  ALTER TABLE "people" DROP COLUMN "issuer";
  ALTER TABLE "people" DROP COLUMN "subject";
  ALTER TABLE "people" DROP COLUMN "version";`)
}
