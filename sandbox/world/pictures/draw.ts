/**
 * The printing press: SVG text in layers, each either flat colour or grain.
 * A grain layer's transparency is not blended but broken up into specks, as a risograph prints a half-tone.
 */
import sharp, { type Sharp } from 'sharp';

export type Random = () => number;
export type Point = [x: number, y: number];

/** Numbers from 0 to 1, always the same ones for the same seed (FNV-1a, then mulberry32). */
export function seeded(seed: string): Random {
  let state = 0x811c9dc5;
  for (let at = 0; at < seed.length; at++) state = Math.imul(state ^ seed.charCodeAt(at), 0x01000193);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

export const round = (value: number) => Math.round(value * 10) / 10;
const attributes = (extra: Record<string, string | number>) =>
  Object.entries(extra)
    .map(
      ([name, value]) => ` ${name}="${typeof value === 'number' ? Math.round(value * 1000) / 1000 : value}"`,
    )
    .join('');

export type Extra = Record<string, string | number>;
export const path = (d: string, fill: string, extra: Extra = {}) =>
  `<path d="${d}" fill="${fill}"${attributes(extra)}/>`;
export const stroke = (d: string, colour: string, width: number, extra: Extra = {}) =>
  path(d, 'none', {
    stroke: colour,
    'stroke-width': width,
    'stroke-linecap': 'round',
    'stroke-linejoin': 'round',
    ...extra,
  });
export const circle = (x: number, y: number, r: number, fill: string, extra: Extra = {}) =>
  `<circle cx="${round(x)}" cy="${round(y)}" r="${round(r)}" fill="${fill}"${attributes(extra)}/>`;
export const ring = (x: number, y: number, r: number, colour: string, width: number, extra: Extra = {}) =>
  circle(x, y, r, 'none', { stroke: colour, 'stroke-width': width, ...extra });
export const ellipse = (x: number, y: number, rx: number, ry: number, fill: string, extra: Extra = {}) =>
  `<ellipse cx="${round(x)}" cy="${round(y)}" rx="${round(rx)}" ry="${round(ry)}" fill="${fill}"${attributes(extra)}/>`;
export const rect = (x: number, y: number, width: number, height: number, fill: string, extra: Extra = {}) =>
  `<rect x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}" fill="${fill}"${attributes(extra)}/>`;
export const group = (content: string, extra: Extra = {}) => `<g${attributes(extra)}>${content}</g>`;
export const repeat = (count: number, each: (at: number) => string) =>
  Array.from({ length: count }, (_, at) => each(at)).join('');
export const polygon = (points: Point[]) =>
  `M${points.map(([x, y]) => `${round(x)} ${round(y)}`).join('L')}Z`;

/** A smooth line through all points (Catmull–Rom). */
export function smooth(points: Point[], closed = false): string {
  const count = points.length;
  const at = (index: number) =>
    points[closed ? (index + count) % count : Math.min(count - 1, Math.max(0, index))] as Point;
  let d = `M${round(at(0)[0])} ${round(at(0)[1])}`;
  for (let index = 0; index < (closed ? count : count - 1); index++) {
    const [p0, p1, p2, p3] = [at(index - 1), at(index), at(index + 1), at(index + 2)];
    const c1 = [p1[0] + (p2[0] - p0[0]) / 6, p1[1] + (p2[1] - p0[1]) / 6];
    const c2 = [p2[0] - (p3[0] - p1[0]) / 6, p2[1] - (p3[1] - p1[1]) / 6];
    d += `C${[...c1, ...c2, ...p2].map(round).join(' ')}`;
  }
  return closed ? `${d}Z` : d;
}

/** Points along a circle's arc, degrees clockwise from three o'clock. */
export const arc = (
  x: number,
  y: number,
  rx: number,
  ry: number,
  from: number,
  to: number,
  steps: number,
): Point[] =>
  Array.from({ length: steps + 1 }, (_, at) => {
    const angle = ((from + ((to - from) * at) / steps) * Math.PI) / 180;
    return [x + Math.cos(angle) * rx, y + Math.sin(angle) * ry];
  });

/** A star with `points` tips. */
export const star = (x: number, y: number, r: number, points = 4, waist = 0.22) =>
  polygon(
    Array.from({ length: points * 2 }, (_, at): Point => {
      const angle = (at * Math.PI) / points - Math.PI / 2;
      const reach = at % 2 ? r * waist : r;
      return [x + Math.cos(angle) * reach, y + Math.sin(angle) * reach];
    }),
  );

/** The lit part of a moon; `phase` 0 new, 0.5 full, 1 new again. */
export function moon(x: number, y: number, r: number, phase: number): string {
  const lit = 1 - Math.abs(phase - 0.5) * 2;
  const bulge = round(r * Math.abs(1 - 2 * lit));
  const side = phase <= 0.5 ? 1 : 0;
  const back = lit > 0.5 ? side : 1 - side;
  return `M${round(x)} ${round(y - r)}A${r} ${r} 0 0 ${side} ${round(x)} ${round(y + r)}A${bulge} ${r} 0 0 ${back} ${round(x)} ${round(y - r)}Z`;
}

type Stop = [offset: number, colour: string, opacity?: number];
const stops = (list: Stop[]) =>
  list
    .map(
      ([offset, colour, opacity = 1]) =>
        `<stop offset="${offset}" stop-color="${colour}" stop-opacity="${opacity}"/>`,
    )
    .join('');

/** A picture in the making. */
export interface Scene {
  width: number;
  height: number;
  /** Adds flat colour on top of what is there. */
  flat(...svg: string[]): void;
  /** Adds a grain on top of what is there. */
  grain(...svg: string[]): void;
  /** Each returns `url(#…)`. Gradients take user-space coordinates. */
  linear(from: Point, to: Point, ...list: Stop[]): string;
  radial(x: number, y: number, r: number, ...list: Stop[]): string;
  clip(...svg: string[]): string;
  pattern(width: number, height: number, svg: string, transform?: string): string;
  /** The recipe: everything that decides how the picture will look. */
  layers(): Layer[];
}

export interface Layer {
  kind: 'flat' | 'grain';
  svg: string;
}

export function newScene(width: number, height: number): Scene {
  const definitions: string[] = [];
  const content: { kind: Layer['kind']; svg: string }[] = [];
  const add = (kind: Layer['kind'], svg: string) => {
    const last = content.at(-1);
    if (last?.kind === kind) last.svg += svg;
    else content.push({ kind, svg });
  };
  const define = (make: (id: string) => string) => {
    const id = `d${definitions.length}`;
    definitions.push(make(id));
    return `url(#${id})`;
  };
  return {
    width,
    height,
    flat: (...svg) => add('flat', svg.join('')),
    grain: (...svg) => add('grain', svg.join('')),
    linear: ([x1, y1], [x2, y2], ...list) =>
      define(
        (id) =>
          `<linearGradient id="${id}" gradientUnits="userSpaceOnUse" x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}">${stops(list)}</linearGradient>`,
      ),
    radial: (x, y, r, ...list) =>
      define(
        (id) =>
          `<radialGradient id="${id}" gradientUnits="userSpaceOnUse" cx="${x}" cy="${y}" r="${r}">${stops(list)}</radialGradient>`,
      ),
    clip: (...svg) => define((id) => `<clipPath id="${id}">${svg.join('')}</clipPath>`),
    pattern: (w, h, svg, transform = '') =>
      define(
        (id) =>
          `<pattern id="${id}" patternUnits="userSpaceOnUse" width="${w}" height="${h}" patternTransform="${transform}">${svg}</pattern>`,
      ),
    layers: () =>
      content.map(({ kind, svg }) => ({
        kind,
        svg: `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"><defs>${definitions
          .filter(
            (_, at) => svg.includes(`(#d${at})`) || definitions.some((other) => other.includes(`(#d${at})`)),
          )
          .join('')}</defs>${svg}</svg>`,
      })),
  };
}

const TILE = 512;

/** Even noise from 0 to 1 in specks of a little over a pixel: blurred white noise, evened out again by rank. */
const specks = (() => {
  let made: Float32Array | undefined;
  return () => {
    if (made) return made;
    const random = seeded('paper');
    const white = Float32Array.from({ length: TILE * TILE }, random);
    const soft = new Float32Array(TILE * TILE);
    for (let y = 0; y < TILE; y++) {
      for (let x = 0; x < TILE; x++) {
        const [right, below] = [(x + 1) % TILE, ((y + 1) % TILE) * TILE];
        soft[y * TILE + x] =
          (white[y * TILE + x] as number) +
          0.7 * (white[y * TILE + right] as number) +
          0.7 * (white[below + x] as number) +
          0.5 * (white[below + right] as number);
      }
    }
    const order = Uint32Array.from(soft.keys()).sort((a, b) => (soft[a] as number) - (soft[b] as number));
    made = new Float32Array(TILE * TILE);
    for (let rank = 0; rank < order.length; rank++) made[order[rank] as number] = rank / order.length;
    return made;
  };
})();

const raster = (svg: string) => sharp(Buffer.from(svg)).ensureAlpha().raw().toBuffer();

/** Prints the layers one over another. Four channels, eight bits. */
export async function print({
  width,
  height,
  layers,
}: {
  width: number;
  height: number;
  layers: Layer[];
}): Promise<Sharp> {
  const noise = specks();
  const sheets = await Promise.all(layers.map(({ svg }) => raster(svg)));
  const paper = Buffer.alloc(width * height * 4);
  sheets.forEach((sheet, index) => {
    const grain = layers[index]?.kind === 'grain';
    for (let y = 0, at = 0; y < height; y++) {
      const row = (y % TILE) * TILE;
      for (let x = 0; x < width; x++, at += 4) {
        let alpha = (sheet[at + 3] as number) / 255;
        if (alpha === 0) continue;
        if (grain && alpha < 1) {
          // Somewhat soft specks: hard ones look like dirt once the picture is made smaller.
          const threshold = noise[row + (x % TILE)] as number;
          alpha = Math.min(1, Math.max(0, (alpha - threshold) * 2.2 + alpha));
          if (alpha === 0) continue;
        }
        const under = (paper[at + 3] as number) / 255;
        const over = alpha + under * (1 - alpha);
        for (let channel = 0; channel < 3; channel++) {
          paper[at + channel] =
            ((sheet[at + channel] as number) * alpha +
              (paper[at + channel] as number) * under * (1 - alpha)) /
              over +
            0.5;
        }
        paper[at + 3] = over * 255 + 0.5;
      }
    }
  });
  // The tooth of the paper: a breath of light and dark over everything.
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at += 4) {
      const tooth = ((noise[((y + 101) % TILE) * TILE + ((x + 37) % TILE)] as number) - 0.5) * 9;
      for (let channel = 0; channel < 3; channel++) {
        paper[at + channel] = Math.min(255, Math.max(0, (paper[at + channel] as number) + tooth));
      }
    }
  }
  return sharp(paper, { raw: { width, height, channels: 4 } });
}
