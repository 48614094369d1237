import { type MigrateDownArgs, type MigrateUpArgs, sql } from '@payloadcms/db-postgres'

export async function up({ db }: MigrateUpArgs): Promise<void> {
  await db.execute(sql`
   CREATE TYPE "public"."enum_reader_applications_languages" AS ENUM('ab', 'aa', 'af', 'ak', 'sq', 'am', 'ar', 'an', 'hy', 'as', 'av', 'ae', 'ay', 'az', 'bm', 'bn', 'ba', 'eu', 'be', 'bi', 'bs', 'br', 'bg', 'my', 'yue', 'ca', 'ch', 'ce', 'chr', 'zh', 'cu', 'cv', 'kw', 'co', 'cr', 'hr', 'cs', 'da', 'dv', 'nl', 'dz', 'en', 'eo', 'et', 'ee', 'fo', 'fj', 'fil', 'fi', 'fr', 'ff', 'gl', 'lg', 'ka', 'de', 'el', 'gn', 'gu', 'ht', 'ha', 'haw', 'he', 'hz', 'hi', 'ho', 'hu', 'is', 'io', 'ig', 'id', 'ia', 'ie', 'iu', 'ik', 'ga', 'it', 'ja', 'jv', 'kl', 'kn', 'kr', 'ks', 'kk', 'km', 'ki', 'rw', 'kv', 'kg', 'ko', 'kj', 'ku', 'ky', 'lo', 'la', 'lv', 'li', 'ln', 'lt', 'lu', 'lb', 'mk', 'mg', 'ms', 'ml', 'mt', 'gv', 'mi', 'mr', 'mh', 'mn', 'na', 'nv', 'ng', 'ne', 'nd', 'se', 'no', 'nb', 'nn', 'ny', 'oc', 'or', 'oj', 'om', 'os', 'pi', 'ps', 'fa', 'pl', 'pt', 'pa', 'qu', 'ro', 'rm', 'rn', 'ru', 'sm', 'sg', 'sa', 'sc', 'gd', 'sr', 'sn', 'ii', 'sd', 'si', 'sk', 'sl', 'so', 'nr', 'st', 'es', 'su', 'sw', 'ss', 'sv', 'gsw', 'ty', 'tg', 'ta', 'tt', 'te', 'th', 'bo', 'ti', 'to', 'ts', 'tn', 'tr', 'tk', 'uk', 'ur', 'ug', 'uz', 've', 'vi', 'vo', 'wa', 'cy', 'fy', 'wo', 'xh', 'yi', 'yo', 'za', 'zu');
  CREATE TYPE "public"."enum_reader_applications_status" AS ENUM('submitted', 'approved', 'declined');
  CREATE TABLE "reader_applications_languages" (
  	"order" integer NOT NULL,
  	"parent_id" integer NOT NULL,
  	"value" "enum_reader_applications_languages",
  	"id" serial PRIMARY KEY NOT NULL
  );
  
  CREATE TABLE "reader_applications_documents" (
  	"_order" integer NOT NULL,
  	"_parent_id" integer NOT NULL,
  	"id" varchar PRIMARY KEY NOT NULL,
  	"key" varchar NOT NULL,
  	"name" varchar NOT NULL,
  	"type" varchar NOT NULL,
  	"bytes" numeric NOT NULL
  );
  
  CREATE TABLE "reader_applications" (
  	"id" serial PRIMARY KEY NOT NULL,
  	"name" varchar NOT NULL,
  	"headline" varchar NOT NULL,
  	"biography" varchar NOT NULL,
  	"years_of_experience" numeric NOT NULL,
  	"rates_video_cents_per_minute" numeric,
  	"rates_voice_cents_per_minute" numeric,
  	"rates_chat_cents_per_minute" numeric,
  	"time_zone" varchar NOT NULL,
  	"country" varchar NOT NULL,
  	"portrait_key" varchar NOT NULL,
  	"portrait_name" varchar NOT NULL,
  	"portrait_type" varchar NOT NULL,
  	"portrait_bytes" numeric NOT NULL,
  	"status" "enum_reader_applications_status" DEFAULT 'submitted' NOT NULL,
  	"reason" varchar,
  	"person_id" integer NOT NULL,
  	"decided_by_id" integer,
  	"decided_at" timestamp(3) with time zone,
  	"updated_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
  	"created_at" timestamp(3) with time zone DEFAULT now() NOT NULL
  );
  
  CREATE TABLE "reader_applications_rels" (
  	"id" serial PRIMARY KEY NOT NULL,
  	"order" integer,
  	"parent_id" integer NOT NULL,
  	"path" varchar NOT NULL,
  	"specialities_id" integer
  );
  
  ALTER TABLE "reader_applications_languages" ADD CONSTRAINT "reader_applications_languages_parent_fk" FOREIGN KEY ("parent_id") REFERENCES "public"."reader_applications"("id") ON DELETE cascade ON UPDATE no action;
  ALTER TABLE "reader_applications_documents" ADD CONSTRAINT "reader_applications_documents_parent_id_fk" FOREIGN KEY ("_parent_id") REFERENCES "public"."reader_applications"("id") ON DELETE cascade ON UPDATE no action;
  ALTER TABLE "reader_applications" ADD CONSTRAINT "reader_applications_person_id_people_id_fk" FOREIGN KEY ("person_id") REFERENCES "public"."people"("id") ON DELETE set null ON UPDATE no action;
  ALTER TABLE "reader_applications" ADD CONSTRAINT "reader_applications_decided_by_id_people_id_fk" FOREIGN KEY ("decided_by_id") REFERENCES "public"."people"("id") ON DELETE set null ON UPDATE no action;
  ALTER TABLE "reader_applications_rels" ADD CONSTRAINT "reader_applications_rels_parent_fk" FOREIGN KEY ("parent_id") REFERENCES "public"."reader_applications"("id") ON DELETE cascade ON UPDATE no action;
  ALTER TABLE "reader_applications_rels" ADD CONSTRAINT "reader_applications_rels_specialities_fk" FOREIGN KEY ("specialities_id") REFERENCES "public"."specialities"("id") ON DELETE cascade ON UPDATE no action;
  CREATE INDEX "reader_applications_languages_order_idx" ON "reader_applications_languages" USING btree ("order");
  CREATE INDEX "reader_applications_languages_parent_idx" ON "reader_applications_languages" USING btree ("parent_id");
  CREATE INDEX "reader_applications_documents_order_idx" ON "reader_applications_documents" USING btree ("_order");
  CREATE INDEX "reader_applications_documents_parent_id_idx" ON "reader_applications_documents" USING btree ("_parent_id");
  CREATE INDEX "reader_applications_status_idx" ON "reader_applications" USING btree ("status");
  CREATE INDEX "reader_applications_person_idx" ON "reader_applications" USING btree ("person_id");
  CREATE INDEX "reader_applications_decided_by_idx" ON "reader_applications" USING btree ("decided_by_id");
  CREATE INDEX "reader_applications_updated_at_idx" ON "reader_applications" USING btree ("updated_at");
  CREATE INDEX "reader_applications_created_at_idx" ON "reader_applications" USING btree ("created_at");
  CREATE INDEX "reader_applications_rels_order_idx" ON "reader_applications_rels" USING btree ("order");
  CREATE INDEX "reader_applications_rels_parent_idx" ON "reader_applications_rels" USING btree ("parent_id");
  CREATE INDEX "reader_applications_rels_path_idx" ON "reader_applications_rels" USING btree ("path");
  CREATE INDEX "reader_applications_rels_specialities_id_idx" ON "reader_applications_rels" USING btree ("specialities_id");

  -- One application a person waits at a time, whoever sends how many at once.
  CREATE UNIQUE INDEX "reader_applications_one_open" ON "reader_applications" ("person_id") WHERE "status" = 'submitted';
  -- Nobody is declined without a word.
  ALTER TABLE "reader_applications" ADD CONSTRAINT "reader_applications_declined_with_reason"
    CHECK ("status" <> 'declined' OR coalesce("reason", '') <> '');`)
}

export async function down({ db }: MigrateDownArgs): Promise<void> {
  await db.execute(sql`
   DROP TABLE "reader_applications_languages" CASCADE;
  DROP TABLE "reader_applications_documents" CASCADE;
  DROP TABLE "reader_applications" CASCADE;
  DROP TABLE "reader_applications_rels" CASCADE;
  DROP TYPE "public"."enum_reader_applications_languages";
  DROP TYPE "public"."enum_reader_applications_status";`)
}
