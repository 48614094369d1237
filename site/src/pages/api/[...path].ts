import type { APIRoute } from 'astro';
import { problemResponse, problems } from '../../server/problem.ts';
import { isOfPerson, passOn } from '../../server/proxy.ts';

/** Everything under /api belongs to realtime. Whoever is signed in goes there with their access token, which only the site knows. */
export const ALL: APIRoute = async ({ request, locals }) => {
  const { environment, request_id, visitor, identity } = locals;
  const target = { realtimeUrl: environment.REALTIME_URL, requestId: request_id };
  if (!isOfPerson(request)) return passOn(request, target);
  switch (visitor.state) {
    case 'nobody':
      return passOn(request, target);
    case 'unknown':
      return problemResponse(problems.sessions_unavailable, request_id, { 'retry-after': '10' });
    case 'suspended':
      return problemResponse(problems.account_suspended, request_id);
    case 'somebody': {
      const access = await identity.accessToken(visitor);
      if (access.state === 'unavailable')
        return problemResponse(problems.identity_unavailable, request_id, { 'retry-after': '10' });
      // A session that has just ended is nobody's: realtime says what that means here.
      return passOn(request, access.state === 'good' ? { ...target, accessToken: access.token } : target);
    }
  }
};
