import { type MigrateDownArgs, type MigrateUpArgs, sql } from '@payloadcms/db-postgres'

export async function up({ db }: MigrateUpArgs): Promise<void> {
  await db.execute(sql`
   ALTER TABLE "media" ADD COLUMN "sizes_middle_url" varchar;
  ALTER TABLE "media" ADD COLUMN "sizes_middle_width" numeric;
  ALTER TABLE "media" ADD COLUMN "sizes_middle_height" numeric;
  ALTER TABLE "media" ADD COLUMN "sizes_middle_mime_type" varchar;
  ALTER TABLE "media" ADD COLUMN "sizes_middle_filesize" numeric;
  ALTER TABLE "media" ADD COLUMN "sizes_middle_filename" varchar;
  CREATE INDEX "media_sizes_middle_sizes_middle_filename_idx" ON "media" USING btree ("sizes_middle_filename");`)
}

export async function down({ db }: MigrateDownArgs): Promise<void> {
  await db.execute(sql`
   DROP INDEX "media_sizes_middle_sizes_middle_filename_idx";
  ALTER TABLE "media" DROP COLUMN "sizes_middle_url";
  ALTER TABLE "media" DROP COLUMN "sizes_middle_width";
  ALTER TABLE "media" DROP COLUMN "sizes_middle_height";
  ALTER TABLE "media" DROP COLUMN "sizes_middle_mime_type";
  ALTER TABLE "media" DROP COLUMN "sizes_middle_filesize";
  ALTER TABLE "media" DROP COLUMN "sizes_middle_filename";`)
}
