/** Reads Stripe's form encoding: `a[b][0][c]=1`, `expand[]=x`. Lists stay objects with numbers as keys until a schema asks. */

import { badParameter } from './errors.ts';

export interface Form {
  [name: string]: string | Form;
}

const MOST_FIELDS = 2_000;
const DEEPEST = 8;

/** Throws a 400 for what can't be read: a name that is a value and a list at once, too deep, too many. */
export function parseForm(text: string): Form {
  const form: Form = Object.create(null) as Form;
  let fields = 0;
  for (const [name, value] of new URLSearchParams(text)) {
    fields += 1;
    if (fields > MOST_FIELDS) throw badParameter('Too many parameters.');
    put(form, keysOf(name), value, name);
  }
  return form;
}

function keysOf(name: string): string[] {
  const match = /^([^[\]]+)((?:\[[^[\]]*\])*)$/.exec(name);
  if (!match) throw badParameter(`Invalid parameter name: ${name}`, name, 'parameter_unknown');
  const [, first = '', rest = ''] = match;
  const keys = [first, ...[...rest.matchAll(/\[([^[\]]*)\]/g)].map(([, key = '']) => key)];
  // Objects of the language know that name by themselves.
  if (keys.includes('__proto__')) throw badParameter(`Invalid parameter name: ${name}`, name);
  if (keys.length > DEEPEST) throw badParameter(`Parameter nested too deep: ${name}`, name);
  return keys;
}

function put(form: Form, keys: string[], value: string, name: string): void {
  let at = form;
  for (const [index, given] of keys.entries()) {
    const last = index === keys.length - 1;
    // `[]` goes on where the list is.
    const key = given === '' ? String(Object.keys(at).length) : given;
    if (last) {
      if (typeof at[key] === 'object') throw badParameter(`Invalid parameter: ${name}`, name);
      at[key] = value;
      return;
    }
    const next = at[key] ?? (Object.create(null) as Form);
    if (typeof next === 'string') throw badParameter(`Invalid parameter: ${name}`, name);
    at[key] = next;
    at = next;
  }
}
