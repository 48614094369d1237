import { type MigrateDownArgs, type MigrateUpArgs, sql } from '@payloadcms/db-postgres'

export async function up({ db }: MigrateUpArgs): Promise<void> {
  await db.execute(sql`
   CREATE INDEX "readers_suggested_idx" ON "readers" USING btree ("featured" DESC NULLS FIRST,"name","created_at" DESC NULLS FIRST);`)
}

export async function down({ db }: MigrateDownArgs): Promise<void> {
  await db.execute(sql`
   DROP INDEX "readers_suggested_idx";`)
}
