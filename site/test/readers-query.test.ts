import { describe, expect, it } from 'vitest';
import { readersHref, readQuery } from '../src/readers.ts';

const read = (search: string) => readQuery(new URLSearchParams(search));
const faultsOf = (search: string) => {
  const result = read(search);
  return result.ok ? [] : result.faults.map(({ name }) => name);
};

describe('query of the directory', () => {
  it('means the first page of everybody when it is empty', () => {
    expect(read('')).toEqual({ ok: true, query: { sort: 'featured', page: 1 } });
  });

  it('reads every name', () => {
    expect(read('modality=voice&speciality=i-ching&language=fil&sort=price&page=12')).toEqual({
      ok: true,
      query: { modality: 'voice', speciality: 'i-ching', language: 'fil', sort: 'price', page: 12 },
    });
  });

  it('reads words, the most that a minute may cost, and who is there now (D1)', () => {
    const query = { q: 'tea & rünes', online: 'now', most: 300, sort: 'featured', page: 1 } as const;
    expect(read('q=+tea+%26+r%C3%BCnes+&online=now&most=3')).toEqual({ ok: true, query });
    expect(read(new URL(readersHref(query), 'http://site').search)).toEqual({ ok: true, query });
    expect(faultsOf(`q=${'x'.repeat(81)}&online=soon&most=0`)).toEqual(['q', 'online', 'most']);
    expect(faultsOf('most=2.5')).toEqual(['most']);
    expect(read('q=&online=&most=')).toEqual(read(''));
  });

  it('reads the fewest stars, and the order by them (S13)', () => {
    const query = { rating: 4.5, sort: 'rating', page: 1 } as const;
    expect(read('rating=4.5&sort=rating')).toEqual({ ok: true, query });
    expect(readersHref(query)).toBe('/readers?rating=4.5&sort=rating');
    for (const wrong of ['0', '5.5', '6', '4.2', 'x', '-1'])
      expect(faultsOf(`rating=${wrong}`)).toEqual(['rating']);
  });

  it('takes what a form sends empty for none, and lets other names be', () => {
    expect(read('modality=&speciality=&language=&sort=&page=&utm_source=letter')).toEqual(read(''));
  });

  it.each([
    ['modality=smoke-signals', ['modality']],
    ['speciality=Tarot!', ['speciality']],
    [`speciality=${'a'.repeat(81)}`, ['speciality']],
    ['language=english', ['language']],
    ['sort=-price', ['sort']],
    ['page=0', ['page']],
    ['page=-1', ['page']],
    ['page=1.5', ['page']],
    ['page=abc', ['page']],
    ['page=99999', ['page']],
    ['page=1e3', ['page']],
    ['modality=video&modality=chat', ['modality']],
    ['modality=x&sort=y&page=z', ['modality', 'sort', 'page']],
  ])('refuses %s and names what is wrong', (search, names) => {
    expect(faultsOf(search)).toEqual(names);
  });

  it('is not misled by names of the prototype', () => {
    expect(read('__proto__=1&constructor=2&toString=3').ok).toBe(true);
  });

  it('writes the shortest address, and begins another choice at its first page', () => {
    const query = { modality: 'chat', sort: 'price', page: 3 } as const;
    expect(readersHref({ sort: 'featured', page: 1 })).toBe('/readers');
    expect(readersHref(query, { page: 4 })).toBe('/readers?modality=chat&sort=price&page=4');
    expect(readersHref(query, { language: 'pt' })).toBe('/readers?modality=chat&language=pt&sort=price');
    expect(readersHref(query, { modality: undefined })).toBe('/readers?sort=price');
  });

  it('reads what it writes', () => {
    const query = {
      modality: 'video',
      speciality: 'dream-work',
      language: 'cy',
      sort: 'name',
      page: 2,
    } as const;
    expect(read(new URL(readersHref(query, { page: 2 }), 'http://site').search)).toEqual({ ok: true, query });
  });
});
