import type { Navigation } from './views.ts';

/** Where links lead as long as the CMS can't be asked: to what is always there. */
const withoutCms: Navigation = {
  header: [
    { label: 'Readers', to: '/readers' },
    { label: 'Articles', to: '/articles' },
    { label: 'Shop', to: '/shop' },
  ],
  footer: [{ title: 'SoulSeer', links: [{ label: 'Home', to: '/' }] }],
};

/** The links of every page, as staff keep them. Never throws: a page without the CMS still leads somewhere. */
export function navigationOf({ locals: { cms, request_id } }: { locals: App.Locals }): Promise<Navigation> {
  return cms.navigation(request_id).catch(() => withoutCms);
}
