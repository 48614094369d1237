import { languageName } from './words.ts';

// What can be chosen from where somebody says where they live and what they speak.

/** Codes that `Intl` names though ISO 3166 gives them to no country (any more). */
const notCountries = new Set(
  'AC AN BU CP CQ CS DD DG DY EA EU EZ FX HV IC NH QO RH SU TA TP UK UN VD XA XB XK YD YU ZR ZZ'.split(' '),
);
const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'.split('');
const names = new Intl.DisplayNames(['en-GB'], { type: 'region', fallback: 'none' });

interface Choice {
  value: string;
  word: string;
}

const byWord = (one: Choice, other: Choice): number => one.word.localeCompare(other.word, 'en');

/** ISO 3166-1 alpha-2 codes with their names. */
export const countries: Choice[] = letters
  .flatMap((first) => letters.map((second) => first + second))
  .filter((code) => !notCountries.has(code))
  .flatMap((value) => {
    const word = names.of(value);
    return word === undefined ? [] : [{ value, word }];
  })
  .sort(byWord);

/** IANA names. */
export const timeZones: string[] = [
  'UTC',
  ...Intl.supportedValuesOf('timeZone').filter((name) => name.includes('/')),
];

/** The primary tags of BCP 47 that the CMS knows, with their names. */
export const languages: Choice[] = [
  'ab aa af ak sq am ar an hy as av ae ay az bm bn ba eu be bi bs br bg my yue ca ch ce chr',
  'zh cu cv kw co cr hr cs da dv nl dz en eo et ee fo fj fil fi fr ff gl lg ka de el gn gu ht ha',
  'haw he hz hi ho hu is io ig id ia ie iu ik ga it ja jv kl kn kr ks kk km ki rw kv kg ko kj ku',
  'ky lo la lv li ln lt lu lb mk mg ms ml mt gv mi mr mh mn na nv ng ne nd se no nb nn ny oc or oj',
  'om os pi ps fa pl pt pa qu ro rm rn ru sm sg sa sc gd sr sn ii sd si sk sl so nr st es su sw ss',
  'sv gsw ty tg ta tt te th bo ti to ts tn tr tk uk ur ug uz ve vi vo wa cy fy wo xh yi yo za zu',
]
  .flatMap((line) => line.split(' '))
  .map((value) => ({ value, word: languageName(value) }))
  .sort(byWord);
