import { subjectOf } from '../src/identity/accounts.ts';
import type { Person } from './schema.ts';

const person = (
  name: string,
  display_name: string,
  role: Person['role'] = 'client',
  status: Person['status'] = 'active',
) => {
  const email = `${name}@soulseer.test`;
  return { email, subject: subjectOf(email), display_name, role, status };
};

/** The six demo accounts, and the people who talk in the forum. */
export const people: Person[] = [
  person('client', 'Nora Bellweather'),
  person('client2', 'Idris Calloway'),
  person('reader', 'Amara Okafor', 'reader'),
  person('reader2', 'Kenji Morimoto', 'reader'),
  person('admin', 'Wren Castellan', 'admin'),
  person('suspended', 'Piers Hathersage', 'client', 'suspended'),

  person('beatriz', 'Beatriz N.'),
  person('callum', 'Callum of the Fens'),
  person('dagny', 'Dagny'),
  person('farah', 'Farah K.'),
  person('gus', 'Gus Pemberton'),
  person('hana', 'Hana'),
  person('ife', 'Ife A.'),
  person('lorcan', 'Lorcan Byrne'),
  person('mirela', 'Mirela'),
  person('odalys', 'Odalys R.'),
  person('tamsin', 'Tamsin Rooke'),
  person('viktor', 'Viktor S.'),
];
