import { type MigrateDownArgs, type MigrateUpArgs, sql } from '@payloadcms/db-postgres';

export async function up({ db }: MigrateUpArgs): Promise<void> {
  await db.execute(sql`
  -- Who wants to be told when a reader comes online is told to realtime by the same outbox (D3).
  ALTER TABLE "outbox" DROP CONSTRAINT "outbox_kind_check";
  ALTER TABLE "outbox" ADD CONSTRAINT "outbox_kind_check" CHECK ("kind" IN ('person', 'reader', 'favourite', 'content', 'mail', 'audit'));`);
}

export async function down({ db }: MigrateDownArgs): Promise<void> {
  await db.execute(sql`
   DELETE FROM "outbox" WHERE "kind" = 'favourite';
  ALTER TABLE "outbox" DROP CONSTRAINT "outbox_kind_check";
  ALTER TABLE "outbox" ADD CONSTRAINT "outbox_kind_check" CHECK ("kind" IN ('person', 'reader', 'content', 'mail', 'audit'));`);
}
