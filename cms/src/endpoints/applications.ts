import type { Endpoint, PayloadHandler, PayloadRequest, TypedUser } from 'payload';
import { z } from 'zod';
import { activePerson, isStaff } from '../access/person.ts';
import { describeProblem, problem } from '../api/problem.ts';
import { type Decision, decideApplication, type RefusedDecision } from '../applications/decide.ts';
import { checkSubmission, type FieldError } from '../applications/submission.ts';
import { hasOpenApplication, submitApplication } from '../applications/submit.ts';
import { databaseOf } from '../database/sql.ts';
import { addressOf } from '../protection/address.ts';
import { audit } from '../protection/audit.ts';
import { LIMITS, overLimit } from '../protection/limits.ts';
import type { Files } from '../storage/files.ts';
import { tooMany } from './tooMany.ts';

type Options = { privateFiles: Files; mediaFiles: Files };

const REFUSALS = {
  already_open: [409, 'An application of yours waits already.'],
  role_not_allowed: [403, 'Only clients apply to become a reader.'],
  account_suspended: [403, 'This account is suspended.'],
} as const;

const DECISIONS: Record<RefusedDecision, [status: number, detail: string]> = {
  not_found: [404, 'There is no such application.'],
  already_decided: [409, 'This application has been decided already. Load the page again to see how.'],
  account_suspended: [409, 'The applicant’s account is suspended.'],
  role_not_client: [409, 'The applicant is one of our staff by now.'],
  page_exists: [409, 'The applicant has a reader’s page already.'],
  portrait_missing: [409, 'The applicant’s portrait is not in the storage any more.'],
};

const declining = z.object({
  reason: z
    .string({ error: 'Give the reason: the applicant reads it.' })
    .transform((value) => value.replace(/\r\n?/g, '\n').trim())
    .refine((value) => value.length > 0, 'Give the reason: the applicant reads it.')
    .refine((value) => value.length <= 2_000, 'The reason is longer than 2,000 characters.')
    .refine(
      (value) => !value.includes('\0') && value.isWellFormed(),
      'It has characters that can’t be kept.',
    ),
});

/** Applying to become a reader, deciding about it, and the documents for those who decide (A1). */
export function applicationEndpoints({ privateFiles, mediaFiles }: Options): Endpoint[] {
  const submit: PayloadHandler = async (req) => {
    const person = activePerson(req);
    if (!person) return notSignedIn();
    const user = req.user as TypedUser;
    if (person.role !== 'client') return refuse('role_not_allowed');
    const wait = await overLimit(databaseOf(req.payload), LIMITS.apply, person.person_id);
    if (wait) return tooMany(wait);
    if (await hasOpenApplication(req.payload, person.id)) return refuse('already_open');

    const form = await req.formData?.().catch(() => undefined);
    if (!form) return problem(400, 'invalid_form', 'An application is sent as multipart/form-data.');
    const checked = await checkSubmission(form);
    if (!checked.ok) return invalid(checked.errors);
    const result = await submitApplication(checked.submission, {
      payload: req.payload,
      files: privateFiles,
      user,
      address: addressOf(req.headers),
    });
    if (result.ok) return Response.json({ status: 'submitted' }, { status: 201, headers: noStore });
    return result.code === 'invalid_application' ? invalid(result.errors) : refuse(result.code);
  };

  const decide = async (req: PayloadRequest, decision: Decision): Promise<Response> => {
    const id = idOf(req);
    const result = id
      ? await decideApplication(id, decision, {
          payload: req.payload,
          privateFiles,
          mediaFiles,
          user: req.user as TypedUser,
          address: addressOf(req.headers),
        })
      : ({ ok: false, code: 'not_found' } as const);
    if (result.ok) return Response.json({ decided: true }, { headers: noStore });
    const [status, detail] = DECISIONS[result.code];
    return problem(status, result.code, detail);
  };

  const decline: PayloadHandler = async (req) => {
    const body: unknown = await req.json?.().catch(() => undefined);
    const { data, error } = declining.safeParse(body);
    if (data) return decide(req, { kind: 'decline', reason: data.reason });
    const message = error.issues[0]?.message ?? 'Give the reason: the applicant reads it.';
    return problem(400, 'invalid_request', message);
  };

  /** One of an application's files, as something to save: whatever it is, no browser takes it for a page of ours. */
  const file =
    (part: 'portrait' | 'documents'): PayloadHandler =>
    async (req) => {
      const id = idOf(req);
      const application =
        id &&
        (await req.payload.findByID({
          collection: 'reader-applications',
          id,
          depth: 0,
          disableErrors: true,
          user: req.user,
          overrideAccess: false,
        }));
      const found =
        application &&
        (part === 'portrait'
          ? application.portrait
          : application.documents?.[Number(req.routeParams?.number) - 1]);
      const stored = found && (await privateFiles.read(found.key));
      if (!stored) return problem(404, 'not_found', 'There is no such file.');
      // Who looked at somebody's papers is worth knowing later.
      await audit(databaseOf(req.payload), {
        action: `reader-applications.read_${part}`,
        outcome: 'done',
        actor_person_id: req.user?.person_id ?? null,
        subject: `reader-applications:${id}`,
        address: addressOf(req.headers),
      });
      return new Response(stored.body, {
        headers: {
          ...noStore,
          'content-type': found.type,
          ...(stored.bytes !== undefined && { 'content-length': String(stored.bytes) }),
          'content-disposition': attachment(found.name),
          'x-content-type-options': 'nosniff',
          'content-security-policy': "default-src 'none'; sandbox",
          'cross-origin-resource-policy': 'same-origin',
        },
      });
    };

  return [
    { method: 'post', path: '/submit', handler: submit },
    { method: 'post', path: '/:id/approve', handler: forStaff((req) => decide(req, { kind: 'approve' })) },
    { method: 'post', path: '/:id/decline', handler: forStaff(decline) },
    { method: 'get', path: '/:id/portrait', handler: forStaff(file('portrait')) },
    { method: 'get', path: '/:id/documents/:number', handler: forStaff(file('documents')) },
  ];
}

const noStore = { 'cache-control': 'no-store' };

function forStaff(handler: PayloadHandler): PayloadHandler {
  return (req) => {
    if (!activePerson(req)) return notSignedIn();
    return isStaff(req) ? handler(req) : problem(403, 'role_not_allowed', 'This is for staff.');
  };
}

function notSignedIn(): Response {
  return problem(401, 'not_signed_in', 'Sign in first.');
}

function refuse(code: keyof typeof REFUSALS): Response {
  const [status, detail] = REFUSALS[code];
  return problem(status, code, detail);
}

/** What is wrong, part by part of the form, for the page that shows it beside each. */
function invalid(errors: FieldError[]): Response {
  const told = {
    ...describeProblem(422, 'invalid_application', 'The application needs another look.'),
    errors,
  };
  return new Response(JSON.stringify(told), {
    status: 422,
    headers: { ...noStore, 'content-type': 'application/problem+json' },
  });
}

function idOf({ routeParams }: PayloadRequest): number | undefined {
  const id = String(routeParams?.id ?? '');
  return /^[1-9]\d{0,8}$/.test(id) ? Number(id) : undefined;
}

/** RFC 6266: plain characters for old clients, and the name as it is for all others. */
function attachment(name: string): string {
  const plain = name.replace(/[^\w. -]/g, '_');
  const whole = encodeURIComponent(name).replace(/['()*]/g, (one) => `%${one.charCodeAt(0).toString(16)}`);
  return `attachment; filename="${plain}"; filename*=UTF-8''${whole}`;
}
