import type { SelectField } from 'payload';
import type { Reader } from '../payload-types.ts';

/** Primary tags of BCP 47, by their English names. Adding one takes a migration (`pnpm --filter cms migration <name>`). */
const TAGS = [
  'ab aa af ak sq am ar an hy as av ae ay az bm bn ba eu be bi bs br bg my yue ca ch ce chr',
  'zh cu cv kw co cr hr cs da dv nl dz en eo et ee fo fj fil fi fr ff gl lg ka de el gn gu ht ha',
  'haw he hz hi ho hu is io ig id ia ie iu ik ga it ja jv kl kn kr ks kk km ki rw kv kg ko kj ku',
  'ky lo la lv li ln lt lu lb mk mg ms ml mt gv mi mr mh mn na nv ng ne nd se no nb nn ny oc or oj',
  'om os pi ps fa pl pt pa qu ro rm rn ru sm sg sa sc gd sr sn ii sd si sk sl so nr st es su sw ss',
  'sv gsw ty tg ta tt te th bo ti to ts tn tr tk uk ur ug uz ve vi vo wa cy fy wo xh yi yo za zu',
].flatMap((line) => line.split(' '));

export type LanguageTag = Reader['languages'][number];

export function isLanguage(tag: string): tag is LanguageTag {
  return TAGS.includes(tag);
}

const names = new Intl.DisplayNames(['en'], { type: 'language' });

export const languagesField: SelectField = {
  name: 'languages',
  type: 'select',
  hasMany: true,
  required: true,
  options: TAGS.map((tag) => ({ value: tag, label: names.of(tag) ?? tag })),
  admin: { description: 'Languages in which you give readings.' },
};
