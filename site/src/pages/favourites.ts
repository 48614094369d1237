import type { APIRoute } from 'astro';
import type { Favourites } from '../account/favourites.ts';
import type { Answer } from '../calls.ts';
import { signInHref } from '../identity/return-to.ts';
import type { Session } from '../identity/sessions.ts';
import { ownPath } from '../server/own-path.ts';
import { problemResponse, problems } from '../server/problem.ts';
import { text } from '../wallet/form.ts';

/** What may be done, by its name in the form. */
const deeds = {
  keep: ({ keep }, ...of) => keep(...of),
  drop: ({ drop }, ...of) => drop(...of),
  notify: ({ notify }, session, reader, id) => notify(session, reader, true, id),
  hush: ({ notify }, session, reader, id) => notify(session, reader, false, id),
} satisfies Record<
  string,
  (favourites: Favourites, session: Session, reader: string, id: string) => Promise<Answer<unknown>>
>;
const isDeed = (what: string | undefined): what is keyof typeof deeds =>
  what !== undefined && Object.hasOwn(deeds, what);

/** Keeps a reader in mind, lets them go, or says whether to be told that they are online (D3), and leads back to the page that asked. */
export const POST: APIRoute = async ({ locals, request, redirect }) => {
  const { visitor, favourites, request_id } = locals;
  if (visitor.state !== 'somebody') return redirect(signInHref('/readers'), 303);
  const form = await request.formData().catch(() => null);
  const [what, reader, back] = form ? [text(form, 'do'), text(form, 'reader'), text(form, 'back')] : [];
  if (!reader || !isDeed(what)) return problemResponse(problems.unreadable_form, request_id);
  const done = await deeds[what](favourites, visitor, reader, request_id);
  if (!done.ok) {
    if (done.refused.code === 'ended') return redirect(signInHref('/readers'), 303);
    return problemResponse(problems.not_kept, request_id);
  }
  return redirect(ownPath(back ?? '') ?? '/readers', 303);
};
