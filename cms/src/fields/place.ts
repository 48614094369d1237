import type { TextField } from 'payload';

/** A path of the site: no other host, nothing that climbs, no query. */
const PATH = /^\/(?!\/)(?:[\w~-][\w.~%-]*(?:\/[\w~-][\w.~%-]*)*\/?)?$/;

export function isPath(value: unknown): value is string {
  return typeof value === 'string' && value.length <= 200 && PATH.test(value);
}

/** Somewhere on the site, or a whole https address. Nothing that a browser would run. */
export function isPlace(value: unknown): boolean {
  if (typeof value !== 'string' || value.length > 500) return false;
  const [path = ''] = value.split('#', 1);
  if (isPath(path)) return /^[^#]*(?:#[\w-]*)?$/.test(value);
  return value.startsWith('https://') && URL.canParse(value) && new URL(value).username === '';
}

type Options = Pick<TextField, 'name' | 'label' | 'admin'>;

/** Where a link leads. */
export function placeField({ name, label, admin }: Options): TextField {
  return {
    name,
    ...(label !== undefined && { label }),
    type: 'text',
    required: true,
    maxLength: 500,
    admin: { placeholder: '/readers', ...admin },
    validate: (value: unknown) =>
      isPlace(value) || 'Use a path of the site such as /readers, or a whole https:// address.',
  };
}
