import type { PostgresAdapterArgs } from '@payloadcms/db-postgres';
import { index } from '@payloadcms/db-postgres/drizzle/pg-core';

type SchemaHook = NonNullable<PostgresAdapterArgs['afterSchemaInit']>[number];

/**
 * An index in the order in which readers are suggested, which Payload's own can't have: one column falls, the next
 * rises. Without it each first page of the directory puts every reader together, and then takes twelve.
 */
export const suggestedOrder: SchemaHook = ({ schema, extendTable }) => {
  const { readers } = schema.tables;
  if (!readers) throw new Error('there is no table of readers');
  extendTable({
    table: readers,
    extraConfig: ({ featured, name, createdAt }) => ({
      readers_suggested_idx: index('readers_suggested_idx').on(
        featured.desc().nullsFirst(),
        name,
        createdAt.desc().nullsFirst(),
      ),
    }),
  });
  return schema;
};
