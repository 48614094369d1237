const degrees = Math.PI / 180;
const J2000 = Date.UTC(2000, 0, 1, 12);
const dayMs = 86_400_000;

export const phaseNames = [
  'New moon',
  'Waxing crescent',
  'First quarter',
  'Waxing gibbous',
  'Full moon',
  'Waning gibbous',
  'Last quarter',
  'Waning crescent',
] as const;

export interface Moon {
  /** How far the moon has gone from new (0) by way of full (0.5) to new again (1). */
  cycle: number;
  /** The part of its face that is lit, 0 to 1. */
  lit: number;
  name: (typeof phaseNames)[number];
}

/**
 * The moon at an instant, by the main terms of Meeus, “Astronomical Algorithms”, chapters 47 and 48:
 * good to about one part in a hundred of its face in our century.
 */
export function moonAt(instant: Date): Moon {
  const centuries = (instant.getTime() - J2000) / dayMs / 36_525;
  const elongation = (297.8501921 + 445_267.1114034 * centuries) * degrees;
  const sun = (357.5291092 + 35_999.0502909 * centuries) * degrees;
  const moon = (134.9633964 + 477_198.8675055 * centuries) * degrees;
  // True elongation in degrees: the mean one, with the unevenness of both paths.
  const angle =
    elongation / degrees +
    6.289 * Math.sin(moon) -
    2.1 * Math.sin(sun) +
    1.274 * Math.sin(2 * elongation - moon) +
    0.658 * Math.sin(2 * elongation) +
    0.214 * Math.sin(2 * moon) +
    0.11 * Math.sin(elongation);
  const cycle = (((angle % 360) + 360) % 360) / 360;
  const lit = (1 - Math.cos(cycle * 2 * Math.PI)) / 2;
  return { cycle, lit, name: nameOf(cycle) };
}

/** The four quarters are moments: each is given the day around it, the rest lies between. */
function nameOf(cycle: number): Moon['name'] {
  const quarter = Math.round(cycle * 4);
  const near = Math.abs(cycle - quarter / 4) * 29.53 < 0.75;
  const index = near ? (quarter * 2) % 8 : Math.floor(cycle * 4) * 2 + 1;
  return phaseNames[index] as Moon['name'];
}

/**
 * The lit part of the disc as an SVG path around (0, 0), seen from the northern half of the earth.
 * Its edge is half a circle and half an ellipse.
 */
export function litPath(cycle: number, radius: number): string {
  const r = radius;
  const waxing = cycle < 0.5;
  const width = Math.abs(Math.cos(cycle * 2 * Math.PI)) * r;
  const gibbous = Math.abs(cycle - 0.5) < 0.25;
  const limb = `M0 ${-r}A${r} ${r} 0 0 ${waxing ? 1 : 0} 0 ${r}`;
  const sweep = waxing === gibbous ? 1 : 0;
  return `${limb}A${round(width)} ${r} 0 0 ${sweep} 0 ${-r}Z`;
}

const round = (value: number): number => Math.round(value * 100) / 100;
