import type { APIRoute } from 'astro';
import { signInHref } from '../identity/return-to.ts';
import { problemResponse, problems } from '../server/problem.ts';
import { text } from '../wallet/form.ts';

/** A path of ours to come back to, and nothing that a browser takes for another site. */
const ours = /^\/(?![/\\])[\w\-./?=&%]{0,300}$/;

/** Keeps a reader in mind, or lets them go (D3), and leads back to the page that asked. */
export const POST: APIRoute = async ({ locals, request, redirect }) => {
  const { visitor, favourites, request_id } = locals;
  if (visitor.state !== 'somebody') return redirect(signInHref('/readers'), 303);
  const form = await request.formData().catch(() => null);
  const [what, reader, back] = form ? [text(form, 'do'), text(form, 'reader'), text(form, 'back')] : [];
  if (!reader || (what !== 'keep' && what !== 'drop'))
    return problemResponse(problems.unreadable_form, request_id);
  const done = await favourites[what](visitor, reader, request_id);
  if (!done.ok) {
    if (done.refused.code === 'ended') return redirect(signInHref('/readers'), 303);
    return problemResponse(problems.not_kept, request_id);
  }
  return redirect(back && ours.test(back) ? back : '/readers', 303);
};
