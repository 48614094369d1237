import type { APIContext, AstroGlobal } from 'astro';
import { navigationOf } from './navigation.ts';
import { isCmsUnavailable } from './unavailable.ts';

type Context = Pick<AstroGlobal | APIContext, 'locals' | 'rewrite'>;

/** What the CMS answers, or, while it can't be read, the page that says so (503). */
export async function orStarting<T>(context: Context, reading: Promise<T>): Promise<T | Response> {
  // The page will have the links of every page around it: they are asked for at the same time.
  void navigationOf(context);
  try {
    return await reading;
  } catch (error) {
    if (!isCmsUnavailable(error)) throw error;
    context.locals.starting = 'cms';
    return context.rewrite('/starting');
  }
}

/** Shows why a request was refused, with its status. */
export function refuse(context: Context, refusal: NonNullable<App.Locals['refusal']>): Promise<Response> {
  context.locals.refusal = refusal;
  return context.rewrite('/refused');
}
