import type { Payload, ServerProps, TypedUser } from 'payload';
import { activePerson } from '../access/person.ts';

type Props = Pick<ServerProps, 'payload'> & { user?: TypedUser };

/** Greets by name, and tells each role what it finds here; a reader is led straight to their profile. */
export async function Welcome({ payload, user }: Props) {
  const person = activePerson({ user: user ?? null });
  if (!person) return null;
  const profile = person.role === 'reader' && user ? await profileOf(payload, user) : null;
  const waiting = person.role === 'admin' && user ? await waitingApplications(payload, user) : null;
  const flagged = person.role === 'admin' && user ? await flaggedReviews(payload, user) : 0;
  return (
    <section className="soulseer-welcome">
      <h1>Welcome, {person.display_name}</h1>
      <p>
        {person.role === 'admin'
          ? 'Readers’ profiles, articles, the home page and the community are kept here. Profiles and articles are public once they are published; everything else as soon as it is saved.'
          : 'Your profile is kept here: your words, your picture, your rates. Save a draft as often as you like; clients see a change once you publish it.'}
      </p>
      {waiting !== null && (
        <p>
          {waiting === 0 ? (
            'No application waits for an answer.'
          ) : (
            <a href="/admin/collections/reader-applications">
              {waiting === 1 ? '1 application waits' : `${waiting} applications wait`} for an answer
            </a>
          )}
        </p>
      )}
      {flagged > 0 && (
        <p>
          <a href="/admin/collections/reviews?sort=-flags_waiting">
            {flagged === 1 ? '1 review was' : `${flagged} reviews were`} flagged
          </a>
        </p>
      )}
      {profile && <a href={`/admin/collections/readers/${profile}`}>Edit your profile</a>}
    </section>
  );
}

async function profileOf(payload: Payload, user: TypedUser): Promise<number | null> {
  const { docs } = await payload.find({
    collection: 'readers',
    user,
    overrideAccess: false,
    draft: true,
    depth: 0,
    limit: 1,
  });
  return docs[0]?.id ?? null;
}

async function waitingApplications(payload: Payload, user: TypedUser): Promise<number> {
  const { totalDocs } = await payload.count({
    collection: 'reader-applications',
    where: { status: { equals: 'submitted' } },
    user,
    overrideAccess: false,
  });
  return totalDocs;
}

async function flaggedReviews(payload: Payload, user: TypedUser): Promise<number> {
  const { totalDocs } = await payload.count({
    collection: 'reviews',
    where: { flags_waiting: { greater_than: 0 } },
    user,
    overrideAccess: false,
  });
  return totalDocs;
}
