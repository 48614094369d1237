import type { CollectionConfig } from 'payload';
import { databaseOf } from '../../../database/sql.ts';
import { createCookies } from '../../../identity/cookies.ts';
import { sessionEnd } from '../../../identity/identity.ts';
import { extendSession } from '../../../identity/sessions.ts';

type Hooks = Required<NonNullable<CollectionConfig['hooks']>>;

/** The admin asks who is there and how long they may stay. There is no token to give out. */
export const tellSessionEnd: Hooks['me'][number] = ({ args, user }) => ({ user, exp: sessionEnd(args.req) });

/** The admin asks for more time while somebody works in it. */
export const putOffSessionEnd: Hooks['refresh'][number] = async ({ args: { req }, user }) => {
  const cookies = createCookies(req.payload.config.serverURL);
  const secret = cookies.read(req.headers, cookies.session);
  const end = secret ? await extendSession(databaseOf(req.payload), secret) : undefined;
  const exp = end ? Math.floor(end.getTime() / 1000) : sessionEnd(req);
  return { exp, refreshedToken: '', setCookie: false, user };
};
