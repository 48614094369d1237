import path from 'node:path';
import { type BuiltProgram, build, buildHashes, isBuilt } from './build.ts';
import { runCommand } from './command.ts';
import { Failure } from './failure.ts';
import { DATA, LOGS, ROOT } from './layout.ts';
import type { Programs } from './programs.ts';
import { hashOf, openStamps } from './stamps.ts';
import type { Steps } from './steps.ts';
import type { Service, Supervisor } from './supervisor.ts';

/** Work on the data that is done again only when what it is made from has changed. */
interface Once {
  name: string;
  title: string;
  /** Files and folders, from the root of the checkout. */
  from: string[];
  cwd: string;
  args: string[];
  env: Record<string, string>;
}

interface Context {
  programs: Programs;
  supervisor: Supervisor;
  steps: Steps;
  stopping: AbortSignal;
}

/** What a line of output says: programs log in JSON, seeds tell in words how far they are. */
function messageOf(line: string): string {
  if (!line.startsWith('{')) return line;
  try {
    return String((JSON.parse(line) as { message?: unknown }).message ?? '');
  } catch {
    return line;
  }
}

/**
 * Makes everything that is not there yet and starts every process, each as soon as what it needs is there.
 * @returns `ready`, which fails with the first thing that does, and `settled`, when nothing of it works any more.
 */
export function bringUp({ programs, supervisor, steps, stopping }: Context): {
  ready: Promise<unknown>;
  settled: Promise<unknown>;
} {
  const stamps = openStamps(path.join(DATA, 'stamps.json'));

  const up = (service: Service, title: string, withinMs = 90_000): Promise<void> =>
    steps.run(title, async () => {
      if (stopping.aborted) throw new Failure('stopping');
      supervisor.start(service);
      await supervisor.untilReady(service.name, withinMs);
    });

  const once = async ({ name, title, from, cwd, args, env }: Once): Promise<void> => {
    const hash = hashOf(...from.map((place) => path.join(ROOT, place)));
    if (stamps.has(name, hash)) return;
    await steps.run(title, async (progress) => {
      await runCommand({
        name: title,
        args,
        cwd,
        env,
        log: path.join(LOGS, `${name}.log`),
        onLine: (line) => progress(messageOf(line).slice(0, 50)),
        signal: stopping,
      });
      stamps.set(name, hash);
    });
  };

  const hashes = buildHashes(process.env, stopping);
  const built = async (program: BuiltProgram, title: string): Promise<void> => {
    const hash = (await hashes)[program];
    if (isBuilt(program, hash)) return;
    await steps.run(title, (progress) =>
      build(program, hash, { env: process.env, signal: stopping, progress }),
    );
  };

  const { commands } = programs;
  const database = up(programs.postgres, 'Postgres 18').then(() => once(commands.provision));
  const storage = up(programs.storage, 'storage');
  const mail = up(programs.mail, 'mail');
  const identity = database.then(() => up(programs.identity, 'identity'));
  const payments = database.then(() => up(programs.payments, 'payments'));
  const realtime = database
    .then(() => once(commands.migrateRealtime))
    .then(() => up(programs.realtime, 'realtime'));
  const site = Promise.all([
    built('site', 'building the site'),
    database.then(() => once(commands.migrateSite)),
  ]).then(() => up(programs.site, 'the site'));

  // What people see first comes first. Then two lanes, since each of these keeps a core busy: builds and data.
  const cmsBuilt = Promise.all([site, realtime]).then(() => built('cms', 'building the CMS admin'));
  const commerceBuilt = cmsBuilt.then(() => built('commerce', 'building the shop admin'));
  const cmsSeeded = Promise.all([site, realtime, storage])
    .then(() => once(commands.migrateCms))
    .then(() => once(commands.world))
    .then(() => once(commands.seedCms));
  const commerceSeeded = cmsSeeded
    .then(() => once(commands.migrateCommerce))
    .then(() => once(commands.seedCommerce));

  // Not before they are seeded: a page without its texts looks broken, one that is starting says so.
  const cms = Promise.all([cmsBuilt, cmsSeeded]).then(() => up(programs.cms, 'the CMS'));
  const commerce = Promise.all([commerceBuilt, commerceSeeded]).then(() => up(programs.commerce, 'the shop'));
  // Between people whom the CMS tells realtime of.
  const past = cms.then(() => once(commands.seedRealtime)).then(() => once(commands.seedReviews));

  const all = [mail, identity, payments, cms, commerce, past];
  return {
    ready: Promise.all(all),
    settled: Promise.allSettled([...all, site, realtime, cmsBuilt, commerceBuilt]),
  };
}
