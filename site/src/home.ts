import type { DirectorySummary, GuideCard, Home, ReaderCard } from './cms/views.ts';

/** What blocks of the home page show besides what they say themselves. */
export interface AroundHome {
  directory: DirectorySummary;
  /** Who is online now, of those so many. */
  online: ReaderCard[];
  guides: GuideCard[];
}

const mostOnline = 8;

type Locals = Pick<App.Locals, 'cms' | 'presence' | 'request_id'>;

/** The home page as it is published (X1). @throws {CmsUnavailable} */
export async function publicHome(locals: Locals): Promise<{ home: Home; around: AroundHome }> {
  const { cms, request_id } = locals;
  // What most home pages show besides is asked for at the same time.
  const [home] = await Promise.all([cms.home(request_id), cms.directory(request_id), cms.guides(request_id)]);
  return { home, around: await aroundHome(home, locals) };
}

/** Reads what these blocks show of others: only where there is such a block. @throws {CmsUnavailable} */
export async function aroundHome(
  { blocks }: Home,
  { cms, presence, request_id }: Locals,
): Promise<AroundHome> {
  const has = (kind: Home['blocks'][number]['kind']) => blocks.some((block) => block.kind === kind);

  async function whoIsOnline() {
    if (!has('online_readers')) return [];
    const statuses = await presence.all(request_id);
    const ids = [...(statuses ?? [])].flatMap(([id, status]) => (status === 'online' ? [id] : []));
    return ids.length === 0 ? [] : cms.readersOf(ids, mostOnline, request_id);
  }
  const [directory, online, guides] = await Promise.all([
    cms.directory(request_id),
    whoIsOnline(),
    has('guides') ? cms.guides(request_id) : [],
  ]);
  return { directory, online, guides };
}
