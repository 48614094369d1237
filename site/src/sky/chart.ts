import { figures } from './stars.ts';

const hoursToRadians = Math.PI / 12;
/** Declination at the chart's rim, in degrees. */
const rim = -12;

export interface Point {
  x: number;
  y: number;
}

export interface Chart {
  stars: (Point & { r: number })[];
  /** All lines between stars, as one SVG path. */
  lines: string;
}

/** Discs as one SVG path, which a page has done with sooner than with as many elements. */
const discs = (all: Chart['stars']): string =>
  all
    .map(({ x, y, r }) => `M${tenth(x - r)} ${y}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0`)
    .join('');

/**
 * Where a place in the sky lies on a round chart with the celestial pole in the middle and hour 0 at the top,
 * as seen from below, so that hours grow clockwise.
 */
export function place(ra: number, dec: number, radius: number): Point {
  const distance = ((90 - dec) / (90 - rim)) * radius;
  const angle = ra * hoursToRadians;
  return { x: tenth(distance * Math.sin(angle)), y: tenth(-distance * Math.cos(angle)) };
}

/** The northern sky within a circle of `radius` around (0, 0). */
function northernSky(radius: number): Chart {
  const stars: Chart['stars'] = [];
  let lines = '';
  for (const figure of Object.values(figures)) {
    const points = figure.stars.map(([ra, dec]) => place(ra, dec, radius));
    figure.stars.forEach(([, , magnitude], index) => {
      const point = points[index] as Point;
      if (stars.some((star) => star.x === point.x && star.y === point.y)) return;
      stars.push({ ...point, r: tenth((radius / 300) * Math.max(0.9, 4.2 - magnitude * 0.8)) });
    });
    for (const line of figure.lines) {
      lines += line
        .map(
          (index, at) => `${at === 0 ? 'M' : 'L'}${(points[index] as Point).x} ${(points[index] as Point).y}`,
        )
        .join('');
    }
  }
  return { stars, lines };
}

/** Strokes around a circle, as one SVG path: from `inner` to `outer`, `count` of them, without every `except`th. */
export function ticks(count: number, inner: number, outer: number, except = 0): string {
  let path = '';
  for (let index = 0; index < count; index += 1) {
    if (except && index % except === 0) continue;
    const angle = (index / count) * 2 * Math.PI;
    const [sin, cos] = [Math.sin(angle), -Math.cos(angle)];
    path += `M${tenth(inner * sin)} ${tenth(inner * cos)}L${tenth(outer * sin)} ${tenth(outer * cos)}`;
  }
  return path;
}

/** Greenwich mean sidereal time in hours: the right ascension that stands in the south there at that instant. */
export function siderealHours(instant: Date): number {
  const days = (instant.getTime() - Date.UTC(2000, 0, 1, 12)) / 86_400_000;
  return (((18.697374558 + 24.06570982441908 * days) % 24) + 24) % 24;
}

const tenth = (value: number): number => Math.round(value * 10) / 10;

const radius = 300;
const sky = northernSky(radius);
const numerals =
  'XXIV I II III IV V VI VII VIII IX X XI XII XIII XIV XV XVI XVII XVIII XIX XX XXI XXII XXIII';

/** What never changes of the chart that stands on pages (`StarChart.astro`). */
export const planisphere = {
  radius,
  sky,
  stars: discs(sky.stars),
  hours: numerals.split(' ').map((numeral, hour) => {
    const angle = (hour / 24) * 2 * Math.PI;
    const x = Math.round(Math.sin(angle) * 319);
    return { numeral, x, y: Math.round(-Math.cos(angle) * 319), turn: hour * 15 };
  }),
  strokes: {
    degrees: ticks(360, 341, 346, 5),
    fifths: ticks(72, 336, 346),
    hours: ticks(24, 306, 311),
    meridians: ticks(24, 30, 302, 6),
    quarters: ticks(4, 10, 302),
  },
  /** The sun's yearly path, tilted by 23.4 degrees: nearly a circle on this chart. */
  ecliptic: { y: -((23.4 / 102) * radius), r: (90 / 102) * radius },
};
