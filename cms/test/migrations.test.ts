import { spawnSync } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { migrate } from '../src/migrate/migrate.ts';
import { type Cms, startCms } from './support/cms.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = path.join(root, 'src/migrations');

describe('migrating', () => {
  let cms: Cms;
  beforeAll(async () => {
    cms = await startCms({ migrated: false });
  });
  afterAll(() => cms?.close());

  test('two starts at once apply each migration once, and a third nothing', async () => {
    const names = (await readdir(folder))
      .filter((file) => file.endsWith('.ts'))
      .map((file) => file.replace('.ts', ''));
    const other = await cms.another();
    const applied = await Promise.all([migrate(cms.payload), migrate(other)]);
    expect(applied.flat().sort()).toEqual(names.sort());
    expect(await migrate(cms.payload)).toEqual([]);
    const { rows } = await cms.payload.db.pool.query('select name from payload_migrations order by name');
    expect(rows.map(({ name }: { name: string }) => name)).toEqual(names);
  });

  test('readers stand in the order in which they are suggested', async () => {
    const client = await cms.payload.db.pool.connect();
    try {
      await client.query('begin');
      // As with so many readers that sorting them all takes long.
      await client.query('set local enable_sort = off');
      // As Payload asks for the sort `-featured, name`.
      const { rows } = await client.query(
        `explain select id from readers where _status = 'published'
         order by featured desc, name asc, created_at desc limit 12`,
      );
      const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
      expect(plan).toContain('readers_suggested_idx');
      expect(plan).not.toContain('Sort');
    } finally {
      await client.query('rollback');
      client.release();
    }
  });

  test('what was public before there were drafts of it is public after, and the admin lists it', async () => {
    const { down, up } = await import('../src/migrations/20261129_005519_drafts_of_home_and_faq.ts');
    const given = { db: cms.payload.db.drizzle } as unknown as Parameters<typeof up>[0];
    const answer = { root: { type: 'root', children: [] } };
    await down(given);
    await cms.payload.db.pool.query(
      `insert into faq (question, answer, topic, position) values ('Since when?', $1, 'readers', 3)`,
      [JSON.stringify(answer)],
    );
    await cms.payload.db.pool.query('insert into home default values');
    await up(given);
    const found = { docs: [{ question: 'Since when?', answer, topic: 'readers', position: 3 }] };
    const asked = { collection: 'faq', overrideAccess: false } as const;
    expect(await cms.payload.find(asked)).toMatchObject(found);
    expect(await cms.payload.find({ collection: 'faq', draft: true })).toMatchObject(found);
    expect(await cms.payload.findGlobal({ slug: 'home', overrideAccess: false })).toMatchObject({
      _status: 'published',
    });
  });
});

/** Runs one of the package's scripts in a copy of its sources, so that nothing committed is touched. */
// Each starts a process that puts the whole CMS together: a busy machine takes its time.
describe('what is generated from the collections is up to date', { timeout: 240_000 }, () => {
  let copy: string;
  beforeAll(async () => {
    // Beside the original, so that packages are found from there.
    copy = await mkdtemp(path.join(root, '.generated-'));
    await cp(path.join(root, 'src'), path.join(copy, 'src'), { recursive: true });
  });
  afterAll(() => rm(copy, { recursive: true, force: true }));

  const node = (...args: string[]) => {
    const { status, stderr } = spawnSync(process.execPath, args, {
      cwd: copy,
      encoding: 'utf8',
      env: { PATH: process.env.PATH } as unknown as NodeJS.ProcessEnv,
    });
    expect([status, stderr]).toEqual([0, '']);
  };

  test('migrations (else: pnpm --filter cms migration <name>)', async () => {
    node('src/generate/migration.ts', 'forgotten');
    const made = (await readdir(path.join(copy, 'src/migrations'))).filter((file) =>
      file.includes('forgotten'),
    );
    expect(made).toEqual([]);
  });

  test('types and the admin’s import map (else: pnpm --filter cms generate)', async () => {
    node('src/generate/main.ts');
    for (const file of ['src/payload-types.ts', 'src/app/(payload)/admin/importMap.js']) {
      const [committed, generated] = await Promise.all(
        [root, copy].map((base) => readFile(path.join(base, file), 'utf8')),
      );
      expect(withoutLayout(generated as string)).toBe(withoutLayout(committed as string));
    }
  });
});

/** A formatter may have been over the committed file. */
function withoutLayout(source: string): string {
  return source.replace(/[\s;,"'()|]/g, '');
}
