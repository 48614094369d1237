import { type MigrateDownArgs, type MigrateUpArgs, sql } from '@payloadcms/db-postgres'

export async function up({ db }: MigrateUpArgs): Promise<void> {
  await db.execute(sql`
   CREATE TYPE "public"."enum_reviews_state" AS ENUM('shown', 'hidden');
  CREATE TABLE "reviews" (
  	"id" serial PRIMARY KEY NOT NULL,
  	"stars" numeric NOT NULL,
  	"text" varchar NOT NULL,
  	"answer" varchar,
  	"reader_id" integer NOT NULL,
  	"author_id" integer NOT NULL,
  	"written_at" timestamp(3) with time zone NOT NULL,
  	"edited_at" timestamp(3) with time zone,
  	"answered_at" timestamp(3) with time zone,
  	"session_id" varchar NOT NULL,
  	"flags_waiting" numeric DEFAULT 0 NOT NULL,
  	"state" "enum_reviews_state" DEFAULT 'shown' NOT NULL,
  	"hidden_because" varchar,
  	"updated_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
  	"created_at" timestamp(3) with time zone DEFAULT now() NOT NULL
  );
  
  CREATE TABLE "review_flags" (
  	"id" serial PRIMARY KEY NOT NULL,
  	"reason" varchar NOT NULL,
  	"review_id" integer NOT NULL,
  	"person_id" integer NOT NULL,
  	"updated_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
  	"created_at" timestamp(3) with time zone DEFAULT now() NOT NULL
  );
  
  CREATE TABLE "ratings" (
  	"id" serial PRIMARY KEY NOT NULL,
  	"reader_id" integer NOT NULL,
  	"count" numeric DEFAULT 0 NOT NULL,
  	"one" numeric DEFAULT 0 NOT NULL,
  	"two" numeric DEFAULT 0 NOT NULL,
  	"three" numeric DEFAULT 0 NOT NULL,
  	"four" numeric DEFAULT 0 NOT NULL,
  	"five" numeric DEFAULT 0 NOT NULL,
  	"average" numeric NOT NULL,
  	"weighted" numeric NOT NULL,
  	"updated_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
  	"created_at" timestamp(3) with time zone DEFAULT now() NOT NULL
  );
  
  ALTER TABLE "reviews" ADD CONSTRAINT "reviews_reader_id_readers_id_fk" FOREIGN KEY ("reader_id") REFERENCES "public"."readers"("id") ON DELETE set null ON UPDATE no action;
  ALTER TABLE "reviews" ADD CONSTRAINT "reviews_author_id_people_id_fk" FOREIGN KEY ("author_id") REFERENCES "public"."people"("id") ON DELETE set null ON UPDATE no action;
  ALTER TABLE "review_flags" ADD CONSTRAINT "review_flags_review_id_reviews_id_fk" FOREIGN KEY ("review_id") REFERENCES "public"."reviews"("id") ON DELETE set null ON UPDATE no action;
  ALTER TABLE "review_flags" ADD CONSTRAINT "review_flags_person_id_people_id_fk" FOREIGN KEY ("person_id") REFERENCES "public"."people"("id") ON DELETE set null ON UPDATE no action;
  ALTER TABLE "ratings" ADD CONSTRAINT "ratings_reader_id_readers_id_fk" FOREIGN KEY ("reader_id") REFERENCES "public"."readers"("id") ON DELETE set null ON UPDATE no action;
  CREATE INDEX "reviews_stars_idx" ON "reviews" USING btree ("stars");
  CREATE INDEX "reviews_reader_idx" ON "reviews" USING btree ("reader_id");
  CREATE INDEX "reviews_author_idx" ON "reviews" USING btree ("author_id");
  CREATE INDEX "reviews_written_at_idx" ON "reviews" USING btree ("written_at");
  CREATE UNIQUE INDEX "reviews_session_id_idx" ON "reviews" USING btree ("session_id");
  CREATE INDEX "reviews_flags_waiting_idx" ON "reviews" USING btree ("flags_waiting");
  CREATE INDEX "reviews_state_idx" ON "reviews" USING btree ("state");
  CREATE INDEX "reviews_updated_at_idx" ON "reviews" USING btree ("updated_at");
  CREATE INDEX "reviews_created_at_idx" ON "reviews" USING btree ("created_at");
  CREATE INDEX "review_flags_review_idx" ON "review_flags" USING btree ("review_id");
  CREATE INDEX "review_flags_person_idx" ON "review_flags" USING btree ("person_id");
  CREATE INDEX "review_flags_updated_at_idx" ON "review_flags" USING btree ("updated_at");
  CREATE INDEX "review_flags_created_at_idx" ON "review_flags" USING btree ("created_at");
  CREATE UNIQUE INDEX "person_review_idx" ON "review_flags" USING btree ("person_id","review_id");
  CREATE UNIQUE INDEX "ratings_reader_idx" ON "ratings" USING btree ("reader_id");
  CREATE INDEX "ratings_weighted_idx" ON "ratings" USING btree ("weighted");
  CREATE INDEX "ratings_updated_at_idx" ON "ratings" USING btree ("updated_at");
  CREATE INDEX "ratings_created_at_idx" ON "ratings" USING btree ("created_at");
  -- What the site has to forget is told by the same outbox.
  ALTER TABLE "outbox" DROP CONSTRAINT "outbox_kind_check";
  ALTER TABLE "outbox" ADD CONSTRAINT "outbox_kind_check" CHECK ("kind" IN ('person', 'reader', 'content', 'mail', 'audit'));`)
}

export async function down({ db }: MigrateDownArgs): Promise<void> {
  await db.execute(sql`
   DELETE FROM "outbox" WHERE "kind" = 'content';
  ALTER TABLE "outbox" DROP CONSTRAINT "outbox_kind_check";
  ALTER TABLE "outbox" ADD CONSTRAINT "outbox_kind_check" CHECK ("kind" IN ('person', 'reader', 'mail', 'audit'));
  DROP TABLE "reviews" CASCADE;
  DROP TABLE "review_flags" CASCADE;
  DROP TABLE "ratings" CASCADE;
  DROP TYPE "public"."enum_reviews_state";`)
}
