import { type MigrateDownArgs, type MigrateUpArgs, sql } from '@payloadcms/db-postgres'

export async function up({ db }: MigrateUpArgs): Promise<void> {
  await db.execute(sql`
   CREATE TYPE "public"."enum_faq_status" AS ENUM('draft', 'published');
  CREATE TYPE "public"."enum__faq_v_version_topic" AS ENUM('readings', 'money', 'readers', 'account');
  CREATE TYPE "public"."enum__faq_v_version_status" AS ENUM('draft', 'published');
  CREATE TYPE "public"."enum_home_status" AS ENUM('draft', 'published');
  CREATE TYPE "public"."enum__home_v_version_status" AS ENUM('draft', 'published');
  CREATE TABLE "_faq_v" (
  	"id" serial PRIMARY KEY NOT NULL,
  	"parent_id" integer,
  	"version_question" varchar,
  	"version_answer" jsonb,
  	"version_topic" "enum__faq_v_version_topic",
  	"version_position" numeric DEFAULT 0,
  	"version_updated_at" timestamp(3) with time zone,
  	"version_created_at" timestamp(3) with time zone,
  	"version__status" "enum__faq_v_version_status" DEFAULT 'draft',
  	"created_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
  	"updated_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
  	"latest" boolean
  );
  
  CREATE TABLE "_home_v_blocks_hero" (
  	"_order" integer NOT NULL,
  	"_parent_id" integer NOT NULL,
  	"_path" text NOT NULL,
  	"id" serial PRIMARY KEY NOT NULL,
  	"title" varchar,
  	"text" varchar,
  	"_uuid" varchar,
  	"block_name" varchar
  );
  
  CREATE TABLE "_home_v_blocks_featured_readers" (
  	"_order" integer NOT NULL,
  	"_parent_id" integer NOT NULL,
  	"_path" text NOT NULL,
  	"id" serial PRIMARY KEY NOT NULL,
  	"title" varchar,
  	"_uuid" varchar,
  	"block_name" varchar
  );
  
  CREATE TABLE "_home_v_blocks_online_readers" (
  	"_order" integer NOT NULL,
  	"_parent_id" integer NOT NULL,
  	"_path" text NOT NULL,
  	"id" serial PRIMARY KEY NOT NULL,
  	"title" varchar,
  	"_uuid" varchar,
  	"block_name" varchar
  );
  
  CREATE TABLE "_home_v_blocks_steps_steps" (
  	"_order" integer NOT NULL,
  	"_parent_id" integer NOT NULL,
  	"id" serial PRIMARY KEY NOT NULL,
  	"title" varchar,
  	"text" varchar,
  	"_uuid" varchar
  );
  
  CREATE TABLE "_home_v_blocks_steps" (
  	"_order" integer NOT NULL,
  	"_parent_id" integer NOT NULL,
  	"_path" text NOT NULL,
  	"id" serial PRIMARY KEY NOT NULL,
  	"title" varchar,
  	"_uuid" varchar,
  	"block_name" varchar
  );
  
  CREATE TABLE "_home_v_blocks_guides" (
  	"_order" integer NOT NULL,
  	"_parent_id" integer NOT NULL,
  	"_path" text NOT NULL,
  	"id" serial PRIMARY KEY NOT NULL,
  	"title" varchar,
  	"_uuid" varchar,
  	"block_name" varchar
  );
  
  CREATE TABLE "_home_v_blocks_articles" (
  	"_order" integer NOT NULL,
  	"_parent_id" integer NOT NULL,
  	"_path" text NOT NULL,
  	"id" serial PRIMARY KEY NOT NULL,
  	"title" varchar,
  	"_uuid" varchar,
  	"block_name" varchar
  );
  
  CREATE TABLE "_home_v_blocks_horoscopes" (
  	"_order" integer NOT NULL,
  	"_parent_id" integer NOT NULL,
  	"_path" text NOT NULL,
  	"id" serial PRIMARY KEY NOT NULL,
  	"title" varchar,
  	"text" varchar,
  	"_uuid" varchar,
  	"block_name" varchar
  );
  
  CREATE TABLE "_home_v_blocks_quote" (
  	"_order" integer NOT NULL,
  	"_parent_id" integer NOT NULL,
  	"_path" text NOT NULL,
  	"id" serial PRIMARY KEY NOT NULL,
  	"text" varchar,
  	"author_name" varchar,
  	"_uuid" varchar,
  	"block_name" varchar
  );
  
  CREATE TABLE "_home_v_blocks_text_and_picture" (
  	"_order" integer NOT NULL,
  	"_parent_id" integer NOT NULL,
  	"_path" text NOT NULL,
  	"id" serial PRIMARY KEY NOT NULL,
  	"title" varchar,
  	"text" varchar,
  	"picture_id" integer,
  	"_uuid" varchar,
  	"block_name" varchar
  );
  
  CREATE TABLE "_home_v_blocks_call_to_action" (
  	"_order" integer NOT NULL,
  	"_parent_id" integer NOT NULL,
  	"_path" text NOT NULL,
  	"id" serial PRIMARY KEY NOT NULL,
  	"title" varchar,
  	"text" varchar,
  	"label" varchar,
  	"to" varchar,
  	"_uuid" varchar,
  	"block_name" varchar
  );
  
  CREATE TABLE "_home_v" (
  	"id" serial PRIMARY KEY NOT NULL,
  	"version__status" "enum__home_v_version_status" DEFAULT 'draft',
  	"version_updated_at" timestamp(3) with time zone,
  	"version_created_at" timestamp(3) with time zone,
  	"created_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
  	"updated_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
  	"latest" boolean
  );
  
  CREATE TABLE "_home_v_rels" (
  	"id" serial PRIMARY KEY NOT NULL,
  	"order" integer,
  	"parent_id" integer NOT NULL,
  	"path" varchar NOT NULL,
  	"readers_id" integer,
  	"articles_id" integer
  );
  
  ALTER TABLE "faq" ALTER COLUMN "question" DROP NOT NULL;
  ALTER TABLE "faq" ALTER COLUMN "answer" DROP NOT NULL;
  ALTER TABLE "faq" ALTER COLUMN "topic" DROP NOT NULL;
  ALTER TABLE "faq" ALTER COLUMN "position" DROP NOT NULL;
  ALTER TABLE "home_blocks_hero" ALTER COLUMN "title" DROP NOT NULL;
  ALTER TABLE "home_blocks_hero" ALTER COLUMN "text" DROP NOT NULL;
  ALTER TABLE "home_blocks_featured_readers" ALTER COLUMN "title" DROP NOT NULL;
  ALTER TABLE "home_blocks_online_readers" ALTER COLUMN "title" DROP NOT NULL;
  ALTER TABLE "home_blocks_steps_steps" ALTER COLUMN "title" DROP NOT NULL;
  ALTER TABLE "home_blocks_steps_steps" ALTER COLUMN "text" DROP NOT NULL;
  ALTER TABLE "home_blocks_steps" ALTER COLUMN "title" DROP NOT NULL;
  ALTER TABLE "home_blocks_guides" ALTER COLUMN "title" DROP NOT NULL;
  ALTER TABLE "home_blocks_articles" ALTER COLUMN "title" DROP NOT NULL;
  ALTER TABLE "home_blocks_horoscopes" ALTER COLUMN "title" DROP NOT NULL;
  ALTER TABLE "home_blocks_quote" ALTER COLUMN "text" DROP NOT NULL;
  ALTER TABLE "home_blocks_quote" ALTER COLUMN "author_name" DROP NOT NULL;
  ALTER TABLE "home_blocks_text_and_picture" ALTER COLUMN "title" DROP NOT NULL;
  ALTER TABLE "home_blocks_text_and_picture" ALTER COLUMN "text" DROP NOT NULL;
  ALTER TABLE "home_blocks_text_and_picture" ALTER COLUMN "picture_id" DROP NOT NULL;
  ALTER TABLE "home_blocks_call_to_action" ALTER COLUMN "title" DROP NOT NULL;
  ALTER TABLE "home_blocks_call_to_action" ALTER COLUMN "label" DROP NOT NULL;
  ALTER TABLE "home_blocks_call_to_action" ALTER COLUMN "to" DROP NOT NULL;
  ALTER TABLE "faq" ADD COLUMN "_status" "enum_faq_status" DEFAULT 'draft';
  ALTER TABLE "home" ADD COLUMN "_status" "enum_home_status" DEFAULT 'draft';
  ALTER TABLE "_faq_v" ADD CONSTRAINT "_faq_v_parent_id_faq_id_fk" FOREIGN KEY ("parent_id") REFERENCES "public"."faq"("id") ON DELETE set null ON UPDATE no action;
  ALTER TABLE "_home_v_blocks_hero" ADD CONSTRAINT "_home_v_blocks_hero_parent_id_fk" FOREIGN KEY ("_parent_id") REFERENCES "public"."_home_v"("id") ON DELETE cascade ON UPDATE no action;
  ALTER TABLE "_home_v_blocks_featured_readers" ADD CONSTRAINT "_home_v_blocks_featured_readers_parent_id_fk" FOREIGN KEY ("_parent_id") REFERENCES "public"."_home_v"("id") ON DELETE cascade ON UPDATE no action;
  ALTER TABLE "_home_v_blocks_online_readers" ADD CONSTRAINT "_home_v_blocks_online_readers_parent_id_fk" FOREIGN KEY ("_parent_id") REFERENCES "public"."_home_v"("id") ON DELETE cascade ON UPDATE no action;
  ALTER TABLE "_home_v_blocks_steps_steps" ADD CONSTRAINT "_home_v_blocks_steps_steps_parent_id_fk" FOREIGN KEY ("_parent_id") REFERENCES "public"."_home_v_blocks_steps"("id") ON DELETE cascade ON UPDATE no action;
  ALTER TABLE "_home_v_blocks_steps" ADD CONSTRAINT "_home_v_blocks_steps_parent_id_fk" FOREIGN KEY ("_parent_id") REFERENCES "public"."_home_v"("id") ON DELETE cascade ON UPDATE no action;
  ALTER TABLE "_home_v_blocks_guides" ADD CONSTRAINT "_home_v_blocks_guides_parent_id_fk" FOREIGN KEY ("_parent_id") REFERENCES "public"."_home_v"("id") ON DELETE cascade ON UPDATE no action;
  ALTER TABLE "_home_v_blocks_articles" ADD CONSTRAINT "_home_v_blocks_articles_parent_id_fk" FOREIGN KEY ("_parent_id") REFERENCES "public"."_home_v"("id") ON DELETE cascade ON UPDATE no action;
  ALTER TABLE "_home_v_blocks_horoscopes" ADD CONSTRAINT "_home_v_blocks_horoscopes_parent_id_fk" FOREIGN KEY ("_parent_id") REFERENCES "public"."_home_v"("id") ON DELETE cascade ON UPDATE no action;
  ALTER TABLE "_home_v_blocks_quote" ADD CONSTRAINT "_home_v_blocks_quote_parent_id_fk" FOREIGN KEY ("_parent_id") REFERENCES "public"."_home_v"("id") ON DELETE cascade ON UPDATE no action;
  ALTER TABLE "_home_v_blocks_text_and_picture" ADD CONSTRAINT "_home_v_blocks_text_and_picture_picture_id_media_id_fk" FOREIGN KEY ("picture_id") REFERENCES "public"."media"("id") ON DELETE set null ON UPDATE no action;
  ALTER TABLE "_home_v_blocks_text_and_picture" ADD CONSTRAINT "_home_v_blocks_text_and_picture_parent_id_fk" FOREIGN KEY ("_parent_id") REFERENCES "public"."_home_v"("id") ON DELETE cascade ON UPDATE no action;
  ALTER TABLE "_home_v_blocks_call_to_action" ADD CONSTRAINT "_home_v_blocks_call_to_action_parent_id_fk" FOREIGN KEY ("_parent_id") REFERENCES "public"."_home_v"("id") ON DELETE cascade ON UPDATE no action;
  ALTER TABLE "_home_v_rels" ADD CONSTRAINT "_home_v_rels_parent_fk" FOREIGN KEY ("parent_id") REFERENCES "public"."_home_v"("id") ON DELETE cascade ON UPDATE no action;
  ALTER TABLE "_home_v_rels" ADD CONSTRAINT "_home_v_rels_readers_fk" FOREIGN KEY ("readers_id") REFERENCES "public"."readers"("id") ON DELETE cascade ON UPDATE no action;
  ALTER TABLE "_home_v_rels" ADD CONSTRAINT "_home_v_rels_articles_fk" FOREIGN KEY ("articles_id") REFERENCES "public"."articles"("id") ON DELETE cascade ON UPDATE no action;
  CREATE INDEX "_faq_v_parent_idx" ON "_faq_v" USING btree ("parent_id");
  CREATE INDEX "_faq_v_version_version_question_idx" ON "_faq_v" USING btree ("version_question");
  CREATE INDEX "_faq_v_version_version_topic_idx" ON "_faq_v" USING btree ("version_topic");
  CREATE INDEX "_faq_v_version_version_position_idx" ON "_faq_v" USING btree ("version_position");
  CREATE INDEX "_faq_v_version_version_updated_at_idx" ON "_faq_v" USING btree ("version_updated_at");
  CREATE INDEX "_faq_v_version_version_created_at_idx" ON "_faq_v" USING btree ("version_created_at");
  CREATE INDEX "_faq_v_version_version__status_idx" ON "_faq_v" USING btree ("version__status");
  CREATE INDEX "_faq_v_created_at_idx" ON "_faq_v" USING btree ("created_at");
  CREATE INDEX "_faq_v_updated_at_idx" ON "_faq_v" USING btree ("updated_at");
  CREATE INDEX "_faq_v_latest_idx" ON "_faq_v" USING btree ("latest");
  CREATE INDEX "_home_v_blocks_hero_order_idx" ON "_home_v_blocks_hero" USING btree ("_order");
  CREATE INDEX "_home_v_blocks_hero_parent_id_idx" ON "_home_v_blocks_hero" USING btree ("_parent_id");
  CREATE INDEX "_home_v_blocks_hero_path_idx" ON "_home_v_blocks_hero" USING btree ("_path");
  CREATE INDEX "_home_v_blocks_featured_readers_order_idx" ON "_home_v_blocks_featured_readers" USING btree ("_order");
  CREATE INDEX "_home_v_blocks_featured_readers_parent_id_idx" ON "_home_v_blocks_featured_readers" USING btree ("_parent_id");
  CREATE INDEX "_home_v_blocks_featured_readers_path_idx" ON "_home_v_blocks_featured_readers" USING btree ("_path");
  CREATE INDEX "_home_v_blocks_online_readers_order_idx" ON "_home_v_blocks_online_readers" USING btree ("_order");
  CREATE INDEX "_home_v_blocks_online_readers_parent_id_idx" ON "_home_v_blocks_online_readers" USING btree ("_parent_id");
  CREATE INDEX "_home_v_blocks_online_readers_path_idx" ON "_home_v_blocks_online_readers" USING btree ("_path");
  CREATE INDEX "_home_v_blocks_steps_steps_order_idx" ON "_home_v_blocks_steps_steps" USING btree ("_order");
  CREATE INDEX "_home_v_blocks_steps_steps_parent_id_idx" ON "_home_v_blocks_steps_steps" USING btree ("_parent_id");
  CREATE INDEX "_home_v_blocks_steps_order_idx" ON "_home_v_blocks_steps" USING btree ("_order");
  CREATE INDEX "_home_v_blocks_steps_parent_id_idx" ON "_home_v_blocks_steps" USING btree ("_parent_id");
  CREATE INDEX "_home_v_blocks_steps_path_idx" ON "_home_v_blocks_steps" USING btree ("_path");
  CREATE INDEX "_home_v_blocks_guides_order_idx" ON "_home_v_blocks_guides" USING btree ("_order");
  CREATE INDEX "_home_v_blocks_guides_parent_id_idx" ON "_home_v_blocks_guides" USING btree ("_parent_id");
  CREATE INDEX "_home_v_blocks_guides_path_idx" ON "_home_v_blocks_guides" USING btree ("_path");
  CREATE INDEX "_home_v_blocks_articles_order_idx" ON "_home_v_blocks_articles" USING btree ("_order");
  CREATE INDEX "_home_v_blocks_articles_parent_id_idx" ON "_home_v_blocks_articles" USING btree ("_parent_id");
  CREATE INDEX "_home_v_blocks_articles_path_idx" ON "_home_v_blocks_articles" USING btree ("_path");
  CREATE INDEX "_home_v_blocks_horoscopes_order_idx" ON "_home_v_blocks_horoscopes" USING btree ("_order");
  CREATE INDEX "_home_v_blocks_horoscopes_parent_id_idx" ON "_home_v_blocks_horoscopes" USING btree ("_parent_id");
  CREATE INDEX "_home_v_blocks_horoscopes_path_idx" ON "_home_v_blocks_horoscopes" USING btree ("_path");
  CREATE INDEX "_home_v_blocks_quote_order_idx" ON "_home_v_blocks_quote" USING btree ("_order");
  CREATE INDEX "_home_v_blocks_quote_parent_id_idx" ON "_home_v_blocks_quote" USING btree ("_parent_id");
  CREATE INDEX "_home_v_blocks_quote_path_idx" ON "_home_v_blocks_quote" USING btree ("_path");
  CREATE INDEX "_home_v_blocks_text_and_picture_order_idx" ON "_home_v_blocks_text_and_picture" USING btree ("_order");
  CREATE INDEX "_home_v_blocks_text_and_picture_parent_id_idx" ON "_home_v_blocks_text_and_picture" USING btree ("_parent_id");
  CREATE INDEX "_home_v_blocks_text_and_picture_path_idx" ON "_home_v_blocks_text_and_picture" USING btree ("_path");
  CREATE INDEX "_home_v_blocks_text_and_picture_picture_idx" ON "_home_v_blocks_text_and_picture" USING btree ("picture_id");
  CREATE INDEX "_home_v_blocks_call_to_action_order_idx" ON "_home_v_blocks_call_to_action" USING btree ("_order");
  CREATE INDEX "_home_v_blocks_call_to_action_parent_id_idx" ON "_home_v_blocks_call_to_action" USING btree ("_parent_id");
  CREATE INDEX "_home_v_blocks_call_to_action_path_idx" ON "_home_v_blocks_call_to_action" USING btree ("_path");
  CREATE INDEX "_home_v_version_version__status_idx" ON "_home_v" USING btree ("version__status");
  CREATE INDEX "_home_v_created_at_idx" ON "_home_v" USING btree ("created_at");
  CREATE INDEX "_home_v_updated_at_idx" ON "_home_v" USING btree ("updated_at");
  CREATE INDEX "_home_v_latest_idx" ON "_home_v" USING btree ("latest");
  CREATE INDEX "_home_v_rels_order_idx" ON "_home_v_rels" USING btree ("order");
  CREATE INDEX "_home_v_rels_parent_idx" ON "_home_v_rels" USING btree ("parent_id");
  CREATE INDEX "_home_v_rels_path_idx" ON "_home_v_rels" USING btree ("path");
  CREATE INDEX "_home_v_rels_readers_id_idx" ON "_home_v_rels" USING btree ("readers_id");
  CREATE INDEX "_home_v_rels_articles_id_idx" ON "_home_v_rels" USING btree ("articles_id");
  CREATE INDEX "faq__status_idx" ON "faq" USING btree ("_status");
  CREATE INDEX "home__status_idx" ON "home" USING btree ("_status");`)
  // What was written before there were drafts is public, and stays so. The list of the admin reads versions, so each question has one.
  await db.execute(sql`
  UPDATE "home" SET "_status" = 'published';
  UPDATE "faq" SET "_status" = 'published';
  INSERT INTO "_faq_v" ("parent_id", "version_question", "version_answer", "version_topic", "version_position",
    "version_updated_at", "version_created_at", "version__status", "latest")
  SELECT "id", "question", "answer", "topic"::text::"enum__faq_v_version_topic", "position",
    "updated_at", "created_at", 'published', true FROM "faq";`)
}

export async function down({ db }: MigrateDownArgs): Promise<void> {
  await db.execute(sql`
   ALTER TABLE "_faq_v" DISABLE ROW LEVEL SECURITY;
  ALTER TABLE "_home_v_blocks_hero" DISABLE ROW LEVEL SECURITY;
  ALTER TABLE "_home_v_blocks_featured_readers" DISABLE ROW LEVEL SECURITY;
  ALTER TABLE "_home_v_blocks_online_readers" DISABLE ROW LEVEL SECURITY;
  ALTER TABLE "_home_v_blocks_steps_steps" DISABLE ROW LEVEL SECURITY;
  ALTER TABLE "_home_v_blocks_steps" DISABLE ROW LEVEL SECURITY;
  ALTER TABLE "_home_v_blocks_guides" DISABLE ROW LEVEL SECURITY;
  ALTER TABLE "_home_v_blocks_articles" DISABLE ROW LEVEL SECURITY;
  ALTER TABLE "_home_v_blocks_horoscopes" DISABLE ROW LEVEL SECURITY;
  ALTER TABLE "_home_v_blocks_quote" DISABLE ROW LEVEL SECURITY;
  ALTER TABLE "_home_v_blocks_text_and_picture" DISABLE ROW LEVEL SECURITY;
  ALTER TABLE "_home_v_blocks_call_to_action" DISABLE ROW LEVEL SECURITY;
  ALTER TABLE "_home_v" DISABLE ROW LEVEL SECURITY;
  ALTER TABLE "_home_v_rels" DISABLE ROW LEVEL SECURITY;
  DROP TABLE "_faq_v" CASCADE;
  DROP TABLE "_home_v_blocks_hero" CASCADE;
  DROP TABLE "_home_v_blocks_featured_readers" CASCADE;
  DROP TABLE "_home_v_blocks_online_readers" CASCADE;
  DROP TABLE "_home_v_blocks_steps_steps" CASCADE;
  DROP TABLE "_home_v_blocks_steps" CASCADE;
  DROP TABLE "_home_v_blocks_guides" CASCADE;
  DROP TABLE "_home_v_blocks_articles" CASCADE;
  DROP TABLE "_home_v_blocks_horoscopes" CASCADE;
  DROP TABLE "_home_v_blocks_quote" CASCADE;
  DROP TABLE "_home_v_blocks_text_and_picture" CASCADE;
  DROP TABLE "_home_v_blocks_call_to_action" CASCADE;
  DROP TABLE "_home_v" CASCADE;
  DROP TABLE "_home_v_rels" CASCADE;
  DROP INDEX "faq__status_idx";
  DROP INDEX "home__status_idx";
  ALTER TABLE "faq" ALTER COLUMN "question" SET NOT NULL;
  ALTER TABLE "faq" ALTER COLUMN "answer" SET NOT NULL;
  ALTER TABLE "faq" ALTER COLUMN "topic" SET NOT NULL;
  ALTER TABLE "faq" ALTER COLUMN "position" SET NOT NULL;
  ALTER TABLE "home_blocks_hero" ALTER COLUMN "title" SET NOT NULL;
  ALTER TABLE "home_blocks_hero" ALTER COLUMN "text" SET NOT NULL;
  ALTER TABLE "home_blocks_featured_readers" ALTER COLUMN "title" SET NOT NULL;
  ALTER TABLE "home_blocks_online_readers" ALTER COLUMN "title" SET NOT NULL;
  ALTER TABLE "home_blocks_steps_steps" ALTER COLUMN "title" SET NOT NULL;
  ALTER TABLE "home_blocks_steps_steps" ALTER COLUMN "text" SET NOT NULL;
  ALTER TABLE "home_blocks_steps" ALTER COLUMN "title" SET NOT NULL;
  ALTER TABLE "home_blocks_guides" ALTER COLUMN "title" SET NOT NULL;
  ALTER TABLE "home_blocks_articles" ALTER COLUMN "title" SET NOT NULL;
  ALTER TABLE "home_blocks_horoscopes" ALTER COLUMN "title" SET NOT NULL;
  ALTER TABLE "home_blocks_quote" ALTER COLUMN "text" SET NOT NULL;
  ALTER TABLE "home_blocks_quote" ALTER COLUMN "author_name" SET NOT NULL;
  ALTER TABLE "home_blocks_text_and_picture" ALTER COLUMN "title" SET NOT NULL;
  ALTER TABLE "home_blocks_text_and_picture" ALTER COLUMN "text" SET NOT NULL;
  ALTER TABLE "home_blocks_text_and_picture" ALTER COLUMN "picture_id" SET NOT NULL;
  ALTER TABLE "home_blocks_call_to_action" ALTER COLUMN "title" SET NOT NULL;
  ALTER TABLE "home_blocks_call_to_action" ALTER COLUMN "label" SET NOT NULL;
  ALTER TABLE "home_blocks_call_to_action" ALTER COLUMN "to" SET NOT NULL;
  ALTER TABLE "faq" DROP COLUMN "_status";
  ALTER TABLE "home" DROP COLUMN "_status";
  DROP TYPE "public"."enum_faq_status";
  DROP TYPE "public"."enum__faq_v_version_topic";
  DROP TYPE "public"."enum__faq_v_version_status";
  DROP TYPE "public"."enum_home_status";
  DROP TYPE "public"."enum__home_v_version_status";`)
}
