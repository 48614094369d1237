import { type MigrateDownArgs, type MigrateUpArgs, sql } from '@payloadcms/db-postgres'

export async function up({ db }: MigrateUpArgs): Promise<void> {
  await db.execute(sql`
   CREATE TYPE "public"."enum_horoscopes_sign" AS ENUM('aries', 'taurus', 'gemini', 'cancer', 'leo', 'virgo', 'libra', 'scorpio', 'sagittarius', 'capricorn', 'aquarius', 'pisces');
  CREATE TYPE "public"."enum_horoscopes_status" AS ENUM('draft', 'published');
  CREATE TYPE "public"."enum__horoscopes_v_version_sign" AS ENUM('aries', 'taurus', 'gemini', 'cancer', 'leo', 'virgo', 'libra', 'scorpio', 'sagittarius', 'capricorn', 'aquarius', 'pisces');
  CREATE TYPE "public"."enum__horoscopes_v_version_status" AS ENUM('draft', 'published');
  CREATE TABLE "horoscopes" (
  	"id" serial PRIMARY KEY NOT NULL,
  	"sign" "enum_horoscopes_sign",
  	"date" timestamp(3) with time zone,
  	"text" varchar,
  	"author_name" varchar,
  	"updated_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
  	"created_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
  	"_status" "enum_horoscopes_status" DEFAULT 'draft'
  );
  
  CREATE TABLE "_horoscopes_v" (
  	"id" serial PRIMARY KEY NOT NULL,
  	"parent_id" integer,
  	"version_sign" "enum__horoscopes_v_version_sign",
  	"version_date" timestamp(3) with time zone,
  	"version_text" varchar,
  	"version_author_name" varchar,
  	"version_updated_at" timestamp(3) with time zone,
  	"version_created_at" timestamp(3) with time zone,
  	"version__status" "enum__horoscopes_v_version_status" DEFAULT 'draft',
  	"created_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
  	"updated_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
  	"latest" boolean
  );
  
  CREATE TABLE "home_blocks_hero" (
  	"_order" integer NOT NULL,
  	"_parent_id" integer NOT NULL,
  	"_path" text NOT NULL,
  	"id" varchar PRIMARY KEY NOT NULL,
  	"title" varchar NOT NULL,
  	"text" varchar NOT NULL,
  	"block_name" varchar
  );
  
  CREATE TABLE "home_blocks_featured_readers" (
  	"_order" integer NOT NULL,
  	"_parent_id" integer NOT NULL,
  	"_path" text NOT NULL,
  	"id" varchar PRIMARY KEY NOT NULL,
  	"title" varchar NOT NULL,
  	"block_name" varchar
  );
  
  CREATE TABLE "home_blocks_online_readers" (
  	"_order" integer NOT NULL,
  	"_parent_id" integer NOT NULL,
  	"_path" text NOT NULL,
  	"id" varchar PRIMARY KEY NOT NULL,
  	"title" varchar NOT NULL,
  	"block_name" varchar
  );
  
  CREATE TABLE "home_blocks_steps_steps" (
  	"_order" integer NOT NULL,
  	"_parent_id" varchar NOT NULL,
  	"id" varchar PRIMARY KEY NOT NULL,
  	"title" varchar NOT NULL,
  	"text" varchar NOT NULL
  );
  
  CREATE TABLE "home_blocks_steps" (
  	"_order" integer NOT NULL,
  	"_parent_id" integer NOT NULL,
  	"_path" text NOT NULL,
  	"id" varchar PRIMARY KEY NOT NULL,
  	"title" varchar NOT NULL,
  	"block_name" varchar
  );
  
  CREATE TABLE "home_blocks_guides" (
  	"_order" integer NOT NULL,
  	"_parent_id" integer NOT NULL,
  	"_path" text NOT NULL,
  	"id" varchar PRIMARY KEY NOT NULL,
  	"title" varchar NOT NULL,
  	"block_name" varchar
  );
  
  CREATE TABLE "home_blocks_articles" (
  	"_order" integer NOT NULL,
  	"_parent_id" integer NOT NULL,
  	"_path" text NOT NULL,
  	"id" varchar PRIMARY KEY NOT NULL,
  	"title" varchar NOT NULL,
  	"block_name" varchar
  );
  
  CREATE TABLE "home_blocks_horoscopes" (
  	"_order" integer NOT NULL,
  	"_parent_id" integer NOT NULL,
  	"_path" text NOT NULL,
  	"id" varchar PRIMARY KEY NOT NULL,
  	"title" varchar NOT NULL,
  	"text" varchar,
  	"block_name" varchar
  );
  
  CREATE TABLE "home_blocks_quote" (
  	"_order" integer NOT NULL,
  	"_parent_id" integer NOT NULL,
  	"_path" text NOT NULL,
  	"id" varchar PRIMARY KEY NOT NULL,
  	"text" varchar NOT NULL,
  	"author_name" varchar NOT NULL,
  	"block_name" varchar
  );
  
  CREATE TABLE "home_blocks_text_and_picture" (
  	"_order" integer NOT NULL,
  	"_parent_id" integer NOT NULL,
  	"_path" text NOT NULL,
  	"id" varchar PRIMARY KEY NOT NULL,
  	"title" varchar NOT NULL,
  	"text" varchar NOT NULL,
  	"picture_id" integer NOT NULL,
  	"block_name" varchar
  );
  
  CREATE TABLE "home_blocks_call_to_action" (
  	"_order" integer NOT NULL,
  	"_parent_id" integer NOT NULL,
  	"_path" text NOT NULL,
  	"id" varchar PRIMARY KEY NOT NULL,
  	"title" varchar NOT NULL,
  	"text" varchar,
  	"label" varchar NOT NULL,
  	"to" varchar NOT NULL,
  	"block_name" varchar
  );
  
  ALTER TABLE "payload_locked_documents_rels" ADD COLUMN "horoscopes_id" integer;
  ALTER TABLE "_horoscopes_v" ADD CONSTRAINT "_horoscopes_v_parent_id_horoscopes_id_fk" FOREIGN KEY ("parent_id") REFERENCES "public"."horoscopes"("id") ON DELETE set null ON UPDATE no action;
  ALTER TABLE "home_blocks_hero" ADD CONSTRAINT "home_blocks_hero_parent_id_fk" FOREIGN KEY ("_parent_id") REFERENCES "public"."home"("id") ON DELETE cascade ON UPDATE no action;
  ALTER TABLE "home_blocks_featured_readers" ADD CONSTRAINT "home_blocks_featured_readers_parent_id_fk" FOREIGN KEY ("_parent_id") REFERENCES "public"."home"("id") ON DELETE cascade ON UPDATE no action;
  ALTER TABLE "home_blocks_online_readers" ADD CONSTRAINT "home_blocks_online_readers_parent_id_fk" FOREIGN KEY ("_parent_id") REFERENCES "public"."home"("id") ON DELETE cascade ON UPDATE no action;
  ALTER TABLE "home_blocks_steps_steps" ADD CONSTRAINT "home_blocks_steps_steps_parent_id_fk" FOREIGN KEY ("_parent_id") REFERENCES "public"."home_blocks_steps"("id") ON DELETE cascade ON UPDATE no action;
  ALTER TABLE "home_blocks_steps" ADD CONSTRAINT "home_blocks_steps_parent_id_fk" FOREIGN KEY ("_parent_id") REFERENCES "public"."home"("id") ON DELETE cascade ON UPDATE no action;
  ALTER TABLE "home_blocks_guides" ADD CONSTRAINT "home_blocks_guides_parent_id_fk" FOREIGN KEY ("_parent_id") REFERENCES "public"."home"("id") ON DELETE cascade ON UPDATE no action;
  ALTER TABLE "home_blocks_articles" ADD CONSTRAINT "home_blocks_articles_parent_id_fk" FOREIGN KEY ("_parent_id") REFERENCES "public"."home"("id") ON DELETE cascade ON UPDATE no action;
  ALTER TABLE "home_blocks_horoscopes" ADD CONSTRAINT "home_blocks_horoscopes_parent_id_fk" FOREIGN KEY ("_parent_id") REFERENCES "public"."home"("id") ON DELETE cascade ON UPDATE no action;
  ALTER TABLE "home_blocks_quote" ADD CONSTRAINT "home_blocks_quote_parent_id_fk" FOREIGN KEY ("_parent_id") REFERENCES "public"."home"("id") ON DELETE cascade ON UPDATE no action;
  ALTER TABLE "home_blocks_text_and_picture" ADD CONSTRAINT "home_blocks_text_and_picture_picture_id_media_id_fk" FOREIGN KEY ("picture_id") REFERENCES "public"."media"("id") ON DELETE set null ON UPDATE no action;
  ALTER TABLE "home_blocks_text_and_picture" ADD CONSTRAINT "home_blocks_text_and_picture_parent_id_fk" FOREIGN KEY ("_parent_id") REFERENCES "public"."home"("id") ON DELETE cascade ON UPDATE no action;
  ALTER TABLE "home_blocks_call_to_action" ADD CONSTRAINT "home_blocks_call_to_action_parent_id_fk" FOREIGN KEY ("_parent_id") REFERENCES "public"."home"("id") ON DELETE cascade ON UPDATE no action;
  CREATE INDEX "horoscopes_date_idx" ON "horoscopes" USING btree ("date");
  CREATE INDEX "horoscopes_updated_at_idx" ON "horoscopes" USING btree ("updated_at");
  CREATE INDEX "horoscopes_created_at_idx" ON "horoscopes" USING btree ("created_at");
  CREATE INDEX "horoscopes__status_idx" ON "horoscopes" USING btree ("_status");
  CREATE UNIQUE INDEX "sign_date_idx" ON "horoscopes" USING btree ("sign","date");
  CREATE INDEX "_horoscopes_v_parent_idx" ON "_horoscopes_v" USING btree ("parent_id");
  CREATE INDEX "_horoscopes_v_version_version_date_idx" ON "_horoscopes_v" USING btree ("version_date");
  CREATE INDEX "_horoscopes_v_version_version_updated_at_idx" ON "_horoscopes_v" USING btree ("version_updated_at");
  CREATE INDEX "_horoscopes_v_version_version_created_at_idx" ON "_horoscopes_v" USING btree ("version_created_at");
  CREATE INDEX "_horoscopes_v_version_version__status_idx" ON "_horoscopes_v" USING btree ("version__status");
  CREATE INDEX "_horoscopes_v_created_at_idx" ON "_horoscopes_v" USING btree ("created_at");
  CREATE INDEX "_horoscopes_v_updated_at_idx" ON "_horoscopes_v" USING btree ("updated_at");
  CREATE INDEX "_horoscopes_v_latest_idx" ON "_horoscopes_v" USING btree ("latest");
  CREATE INDEX "version_sign_version_date_idx" ON "_horoscopes_v" USING btree ("version_sign","version_date");
  CREATE INDEX "home_blocks_hero_order_idx" ON "home_blocks_hero" USING btree ("_order");
  CREATE INDEX "home_blocks_hero_parent_id_idx" ON "home_blocks_hero" USING btree ("_parent_id");
  CREATE INDEX "home_blocks_hero_path_idx" ON "home_blocks_hero" USING btree ("_path");
  CREATE INDEX "home_blocks_featured_readers_order_idx" ON "home_blocks_featured_readers" USING btree ("_order");
  CREATE INDEX "home_blocks_featured_readers_parent_id_idx" ON "home_blocks_featured_readers" USING btree ("_parent_id");
  CREATE INDEX "home_blocks_featured_readers_path_idx" ON "home_blocks_featured_readers" USING btree ("_path");
  CREATE INDEX "home_blocks_online_readers_order_idx" ON "home_blocks_online_readers" USING btree ("_order");
  CREATE INDEX "home_blocks_online_readers_parent_id_idx" ON "home_blocks_online_readers" USING btree ("_parent_id");
  CREATE INDEX "home_blocks_online_readers_path_idx" ON "home_blocks_online_readers" USING btree ("_path");
  CREATE INDEX "home_blocks_steps_steps_order_idx" ON "home_blocks_steps_steps" USING btree ("_order");
  CREATE INDEX "home_blocks_steps_steps_parent_id_idx" ON "home_blocks_steps_steps" USING btree ("_parent_id");
  CREATE INDEX "home_blocks_steps_order_idx" ON "home_blocks_steps" USING btree ("_order");
  CREATE INDEX "home_blocks_steps_parent_id_idx" ON "home_blocks_steps" USING btree ("_parent_id");
  CREATE INDEX "home_blocks_steps_path_idx" ON "home_blocks_steps" USING btree ("_path");
  CREATE INDEX "home_blocks_guides_order_idx" ON "home_blocks_guides" USING btree ("_order");
  CREATE INDEX "home_blocks_guides_parent_id_idx" ON "home_blocks_guides" USING btree ("_parent_id");
  CREATE INDEX "home_blocks_guides_path_idx" ON "home_blocks_guides" USING btree ("_path");
  CREATE INDEX "home_blocks_articles_order_idx" ON "home_blocks_articles" USING btree ("_order");
  CREATE INDEX "home_blocks_articles_parent_id_idx" ON "home_blocks_articles" USING btree ("_parent_id");
  CREATE INDEX "home_blocks_articles_path_idx" ON "home_blocks_articles" USING btree ("_path");
  CREATE INDEX "home_blocks_horoscopes_order_idx" ON "home_blocks_horoscopes" USING btree ("_order");
  CREATE INDEX "home_blocks_horoscopes_parent_id_idx" ON "home_blocks_horoscopes" USING btree ("_parent_id");
  CREATE INDEX "home_blocks_horoscopes_path_idx" ON "home_blocks_horoscopes" USING btree ("_path");
  CREATE INDEX "home_blocks_quote_order_idx" ON "home_blocks_quote" USING btree ("_order");
  CREATE INDEX "home_blocks_quote_parent_id_idx" ON "home_blocks_quote" USING btree ("_parent_id");
  CREATE INDEX "home_blocks_quote_path_idx" ON "home_blocks_quote" USING btree ("_path");
  CREATE INDEX "home_blocks_text_and_picture_order_idx" ON "home_blocks_text_and_picture" USING btree ("_order");
  CREATE INDEX "home_blocks_text_and_picture_parent_id_idx" ON "home_blocks_text_and_picture" USING btree ("_parent_id");
  CREATE INDEX "home_blocks_text_and_picture_path_idx" ON "home_blocks_text_and_picture" USING btree ("_path");
  CREATE INDEX "home_blocks_text_and_picture_picture_idx" ON "home_blocks_text_and_picture" USING btree ("picture_id");
  CREATE INDEX "home_blocks_call_to_action_order_idx" ON "home_blocks_call_to_action" USING btree ("_order");
  CREATE INDEX "home_blocks_call_to_action_parent_id_idx" ON "home_blocks_call_to_action" USING btree ("_parent_id");
  CREATE INDEX "home_blocks_call_to_action_path_idx" ON "home_blocks_call_to_action" USING btree ("_path");
  ALTER TABLE "payload_locked_documents_rels" ADD CONSTRAINT "payload_locked_documents_rels_horoscopes_fk" FOREIGN KEY ("horoscopes_id") REFERENCES "public"."horoscopes"("id") ON DELETE cascade ON UPDATE no action;
  CREATE INDEX "payload_locked_documents_rels_horoscopes_id_idx" ON "payload_locked_documents_rels" USING btree ("horoscopes_id");
  -- What the page said before stands in blocks from now on.
  INSERT INTO "home_blocks_hero" ("_order", "_parent_id", "_path", "id", "title", "text")
    SELECT 1, "id", 'blocks', md5('hero'), "hero_title", "hero_text" FROM "home";
  INSERT INTO "home_blocks_featured_readers" ("_order", "_parent_id", "_path", "id", "title")
    SELECT 2, "id", 'blocks', md5('featured_readers'), 'Our readers' FROM "home";
  INSERT INTO "home_blocks_steps" ("_order", "_parent_id", "_path", "id", "title")
    SELECT 3, "id", 'blocks', md5('steps'), 'How it works' FROM "home";
  INSERT INTO "home_blocks_steps_steps" ("_order", "_parent_id", "id", "title", "text")
    SELECT "_order", md5('steps'), "id", "title", "text" FROM "home_steps";
  INSERT INTO "home_blocks_articles" ("_order", "_parent_id", "_path", "id", "title")
    SELECT 4, "id", 'blocks', md5('articles'), 'From our articles' FROM "home";
  INSERT INTO "home_blocks_call_to_action" ("_order", "_parent_id", "_path", "id", "title", "text", "label", "to")
    SELECT 5, "id", 'blocks', md5('call_to_action'), "closing_title", "closing_text", 'Meet our readers', '/readers'
    FROM "home" WHERE "closing_title" IS NOT NULL;
  UPDATE "home_rels" SET "path" = CASE "path" WHEN 'featured_readers' THEN 'blocks.1.readers' ELSE 'blocks.3.articles' END
    WHERE "path" IN ('featured_readers', 'featured_articles');
  ALTER TABLE "home_steps" DISABLE ROW LEVEL SECURITY;
  DROP TABLE "home_steps" CASCADE;
  ALTER TABLE "home" DROP COLUMN "hero_title";
  ALTER TABLE "home" DROP COLUMN "hero_text";
  ALTER TABLE "home" DROP COLUMN "closing_title";
  ALTER TABLE "home" DROP COLUMN "closing_text";`)
}

export async function down({ db }: MigrateDownArgs): Promise<void> {
  await db.execute(sql`
   CREATE TABLE "home_steps" (
  	"_order" integer NOT NULL,
  	"_parent_id" integer NOT NULL,
  	"id" varchar PRIMARY KEY NOT NULL,
  	"title" varchar NOT NULL,
  	"text" varchar NOT NULL
  );
  
  ALTER TABLE "horoscopes" DISABLE ROW LEVEL SECURITY;
  ALTER TABLE "_horoscopes_v" DISABLE ROW LEVEL SECURITY;
  ALTER TABLE "home_blocks_hero" DISABLE ROW LEVEL SECURITY;
  ALTER TABLE "home_blocks_featured_readers" DISABLE ROW LEVEL SECURITY;
  ALTER TABLE "home_blocks_online_readers" DISABLE ROW LEVEL SECURITY;
  ALTER TABLE "home_blocks_steps_steps" DISABLE ROW LEVEL SECURITY;
  ALTER TABLE "home_blocks_steps" DISABLE ROW LEVEL SECURITY;
  ALTER TABLE "home_blocks_guides" DISABLE ROW LEVEL SECURITY;
  ALTER TABLE "home_blocks_articles" DISABLE ROW LEVEL SECURITY;
  ALTER TABLE "home_blocks_horoscopes" DISABLE ROW LEVEL SECURITY;
  ALTER TABLE "home_blocks_quote" DISABLE ROW LEVEL SECURITY;
  ALTER TABLE "home_blocks_text_and_picture" DISABLE ROW LEVEL SECURITY;
  ALTER TABLE "home_blocks_call_to_action" DISABLE ROW LEVEL SECURITY;
  DROP TABLE "horoscopes" CASCADE;
  DROP TABLE "_horoscopes_v" CASCADE;
  DROP TABLE "home_blocks_hero" CASCADE;
  DROP TABLE "home_blocks_featured_readers" CASCADE;
  DROP TABLE "home_blocks_online_readers" CASCADE;
  DROP TABLE "home_blocks_steps_steps" CASCADE;
  DROP TABLE "home_blocks_steps" CASCADE;
  DROP TABLE "home_blocks_guides" CASCADE;
  DROP TABLE "home_blocks_articles" CASCADE;
  DROP TABLE "home_blocks_horoscopes" CASCADE;
  DROP TABLE "home_blocks_quote" CASCADE;
  DROP TABLE "home_blocks_text_and_picture" CASCADE;
  DROP TABLE "home_blocks_call_to_action" CASCADE;
  ALTER TABLE "payload_locked_documents_rels" DROP CONSTRAINT "payload_locked_documents_rels_horoscopes_fk";
  
  DROP INDEX "payload_locked_documents_rels_horoscopes_id_idx";
  ALTER TABLE "home" ADD COLUMN "hero_title" varchar NOT NULL;
  ALTER TABLE "home" ADD COLUMN "hero_text" varchar NOT NULL;
  ALTER TABLE "home" ADD COLUMN "closing_title" varchar;
  ALTER TABLE "home" ADD COLUMN "closing_text" varchar;
  ALTER TABLE "home_steps" ADD CONSTRAINT "home_steps_parent_id_fk" FOREIGN KEY ("_parent_id") REFERENCES "public"."home"("id") ON DELETE cascade ON UPDATE no action;
  CREATE INDEX "home_steps_order_idx" ON "home_steps" USING btree ("_order");
  CREATE INDEX "home_steps_parent_id_idx" ON "home_steps" USING btree ("_parent_id");
  ALTER TABLE "payload_locked_documents_rels" DROP COLUMN "horoscopes_id";
  DROP TYPE "public"."enum_horoscopes_sign";
  DROP TYPE "public"."enum_horoscopes_status";
  DROP TYPE "public"."enum__horoscopes_v_version_sign";
  DROP TYPE "public"."enum__horoscopes_v_version_status";`)
}
