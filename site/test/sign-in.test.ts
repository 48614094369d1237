import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { emailOf, type Platform, personIdOf, startPlatform } from './helpers/platform.ts';
import { Visitor } from './helpers/visitor.ts';

let platform: Platform;
beforeAll(async () => {
  platform = await startPlatform();
});
afterAll(() => platform?.[Symbol.asyncDispose]());

describe('signing in (A2)', () => {
  it('leads by way of the issuer back to where somebody wanted to go', async () => {
    const { visitor, seen } = await platform.signIn('client', new Visitor(), '/readers?sort=name');
    expect(seen).toMatchObject({ status: 200, url: `${platform.url}/readers?sort=name` });
    const [cookie] = [...visitor.jar(platform.url)];
    expect(cookie).toEqual(['soulseer', expect.stringMatching(/^[\w-]{43}$/)]);
    expect(visitor.jar(platform.url).size).toBe(1);
    const rows = await platform.database.query(
      'SELECT encode(id_hash, $1) AS hash, person_id, payload FROM sessions',
      ['hex'],
    );
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatchObject({ person_id: personIdOf(emailOf('client')) });
  });
});
