import type { Payload, ServerProps, TypedUser } from 'payload';
import { activePerson } from '../access/person.ts';

type Props = Pick<ServerProps, 'payload'> & { user?: TypedUser };

/** Greets by name, and tells each role what it finds here; a reader is led straight to their profile. */
export async function Welcome({ payload, user }: Props) {
  const person = activePerson({ user: user ?? null });
  if (!person) return null;
  const profile = person.role === 'reader' && user ? await profileOf(payload, user) : null;
  return (
    <section className="soulseer-welcome">
      <h1>Welcome, {person.display_name}</h1>
      <p>
        {person.role === 'admin'
          ? 'Readers’ profiles, articles, the home page and the community are kept here. Profiles and articles are public once they are published; everything else as soon as it is saved.'
          : 'Your profile is kept here: your words, your picture, your rates. Save a draft as often as you like; clients see a change once you publish it.'}
      </p>
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
