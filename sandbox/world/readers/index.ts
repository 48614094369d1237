import type { Reader } from '../schema.ts';
import { africaAsiaPacific } from './africa-asia-pacific.ts';
import { americas } from './americas.ts';
import { europe } from './europe.ts';

export const readers: Reader[] = [...europe, ...americas, ...africaAsiaPacific];
