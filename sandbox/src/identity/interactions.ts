/** The sign-in page's requests: show it, sign in by choice or by password, make an account. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import { errors, type default as Provider } from 'oidc-provider';
import { z } from 'zod';
import type { Account, Accounts } from './accounts.ts';
import { errorPage, pageHeaders, type SignInPage, STYLES_PATH, signInPage, styles } from './pages.ts';

const MOST_FORM_BYTES = 16 * 1024;

const signInForm = z.object({ email: z.string().max(254), password: z.string().max(200) });
const chooseForm = z.object({ email: z.string().max(254) });
const createForm = z.object({
  display_name: z.string().trim().min(1, 'Please tell us a name.').max(80, 'That name is too long.'),
  email: z.string().trim().max(254).pipe(z.email('That is not an email address.')),
  password: z
    .string()
    .min(8, 'The password needs at least 8 characters.')
    .max(200, 'That password is too long.'),
});

type Outcome = { account: Account } | Pick<SignInPage, 'error' | 'createError' | 'values'>;

/** Answers a handler that says whether the request was one of the sign-in page's. */
export function createInteractions({
  provider,
  accounts,
  formTargets,
}: {
  provider: Provider;
  accounts: Accounts;
  /** Origins that a sign-in may lead back to. */
  formTargets: string[];
}) {
  async function show(response: ServerResponse, status: number, page: SignInPage): Promise<void> {
    response.writeHead(status, pageHeaders({ formTargets }));
    response.end(signInPage(page));
  }

  const acts: Record<string, (form: Record<string, string>) => Promise<Outcome>> = {
    async choose(form) {
      const { email } = chooseForm.parse(form);
      const account = (await accounts.demo()).find((one) => one.email === email);
      return account ? { account } : { error: 'That account is not on the list.' };
    },
    async 'sign-in'(form) {
      const { email, password } = signInForm.parse(form);
      const account = await accounts.verify(email, password);
      return account
        ? { account }
        : { error: 'That email address and password do not match.', values: { email } };
    },
    async create(form) {
      const given = createForm.safeParse(form);
      const values = { display_name: form.display_name ?? '', new_email: form.email ?? '' };
      if (!given.success)
        return { createError: given.error.issues[0]?.message ?? 'Please look again.', values };
      const result = await accounts.create(given.data.email, given.data.display_name, given.data.password);
      if ('account' in result) return result;
      return {
        createError: 'There is an account with that address, or one too much like it. Try to sign in.',
        values,
      };
    },
  };

  return async function handle(request: IncomingMessage, response: ServerResponse): Promise<boolean> {
    const path = (request.url ?? '/').split('?', 1)[0] ?? '/';
    if (path === STYLES_PATH) {
      response
        .writeHead(200, { 'content-type': 'text/css; charset=utf-8', 'cache-control': 'max-age=300' })
        .end(styles);
      return true;
    }
    const match = /^\/interaction\/([A-Za-z0-9_-]+)(?:\/(choose|sign-in|create))?$/.exec(path);
    if (!match) return false;
    const [, uid, act] = match;

    try {
      const details = await provider.interactionDetails(request, response);
      if (details.uid !== uid)
        throw new errors.SessionNotFound('another sign-in is under way in this browser');
      const page: SignInPage = {
        uid: details.uid,
        accounts: await accounts.demo(),
        values: { email: String(details.params.login_hint ?? '') },
        creating: details.params.screen_hint === 'signup',
      };

      if (!act && request.method === 'GET') await show(response, 200, page);
      else if (act && request.method === 'POST') {
        const outcome = await acts[act]?.(await readForm(request));
        if (!outcome) return false;
        if ('account' in outcome) {
          const result = { login: { accountId: outcome.account.sub, remember: true, amr: ['pwd'] } };
          await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
        } else await show(response, 422, { ...page, ...outcome });
      } else {
        response.writeHead(405, { ...pageHeaders({}), allow: act ? 'POST' : 'GET' });
        response.end(errorPage('That is not how this page works', undefined));
      }
    } catch (error) {
      const lost = error instanceof errors.SessionNotFound;
      if (!lost && !(error instanceof BadForm) && !(error instanceof z.ZodError)) throw error;
      response.writeHead(400, pageHeaders({}));
      response.end(
        lost
          ? errorPage(
              'This sign-in is over',
              'It took too long, or was finished already. Go back to SoulSeer and sign in again.',
            )
          : errorPage('That form can’t be read', 'Go back and try again.'),
      );
    }
    return true;
  };
}

class BadForm extends Error {
  override name = 'BadForm';
}

async function readForm(request: IncomingMessage): Promise<Record<string, string>> {
  if (!request.headers['content-type']?.startsWith('application/x-www-form-urlencoded')) throw new BadForm();
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MOST_FORM_BYTES) throw new BadForm();
    chunks.push(chunk);
  }
  return Object.fromEntries(new URLSearchParams(Buffer.concat(chunks).toString('utf8')));
}
