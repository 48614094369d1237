import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { callsWithoutAccess, statedReason } from './support/localApi.ts';

const source = path.resolve(import.meta.dirname, '../src');
const files = (await readdir(source, { recursive: true }))
  .filter((file) => /\.tsx?$/.test(file) && !file.startsWith('migrations') && file !== 'payload-types.ts')
  .toSorted();

describe('A4: Payload’s Local API asks for the caller’s access, unless the file says why not', () => {
  test.each(files)('%s', async (file) => {
    const text = await readFile(path.join(source, file), 'utf8');
    const found = callsWithoutAccess(text, file);
    const reason = statedReason(text);
    if (found.length > 0 && reason === undefined) {
      expect.fail(
        `${found.map(({ line, call }) => `${file}:${line} ${call}`).join('\n')}\n` +
          'Pass `overrideAccess: false` and `user`, or say in the file: // Local API without access: <why>',
      );
    }
    // A reason that nothing needs any more would let the next call pass unseen.
    expect([file, reason !== undefined]).toEqual([file, found.length > 0]);
  });

  test('the sources are all looked at', () => {
    expect(files.length).toBeGreaterThan(100);
  });
});

describe('what the check finds', () => {
  test.each([
    `payload.find({ collection: 'people' })`,
    `payload.find({ collection: 'people', user })`,
    `payload.find({ collection: 'people', overrideAccess: false })`,
    `payload.find({ collection: 'people', overrideAccess: true, user })`,
    `payload.find({ collection: 'people', overrideAccess: strict, user })`,
    `req.payload.updateGlobal({ slug: 'home', data })`,
    `this.#payload.create(given)`,
    `payload!.delete({ collection: 'people', id })`,
    `cms.findByID({ collection: 'people', id })`,
    `const { find } = payload; find({ collection: 'people' })`,
    `payload['find']({ collection: 'people' })`,
    `payload.db.find({ collection: 'people' })`,
    `loader.load(key({ collectionSlug: 'people', overrideAccess: true }))`,
    `let access = { overrideAccess: false, user }; payload.find({ collection: 'people', ...access })`,
    `payload.find({ collection: 'people', ...access })`,
  ])('%s', (text) => {
    expect(callsWithoutAccess(text)).not.toEqual([]);
  });

  test.each([
    `payload.find({ collection: 'people', overrideAccess: false, user })`,
    `payload.find({ collection: 'people', user: req.user, overrideAccess: false })`,
    `const access = { overrideAccess: false, user } as const; payload.find({ collection: 'people', ...access })`,
    `list.find((one) => one.collection === 'people')`,
    `names.delete('people')`,
  ])('nothing in %s', (text) => {
    expect(callsWithoutAccess(text)).toEqual([]);
  });

  test('a reason in the form agreed, and no other', () => {
    expect(statedReason('// Local API without access: nobody is known yet who could have any.')).toMatch(
      /^nobody/,
    );
    expect(statedReason('/** Local API without access: nobody is known yet. */')).toMatch(/^nobody/);
    expect(statedReason('// Local API without access: just so')).toBeUndefined();
    expect(statedReason('// Without access on purpose: nobody is known yet.')).toBeUndefined();
  });
});
