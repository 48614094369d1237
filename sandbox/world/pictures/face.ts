import { circle, ellipse, group, type Point, path, repeat, round, smooth, stroke } from './draw.ts';
import type { Look, Skin } from './looks.ts';
import { darker, ink, lighter, mix } from './palette.ts';

export interface Tones {
  base: string;
  shade: string;
  line: string;
  blush: string;
  lip: string;
  white: string;
}

export const skins: Record<Skin, Tones> = {
  porcelain: {
    base: '#f2d3bb',
    shade: '#d99f86',
    line: '#8f4f43',
    blush: '#e08d7c',
    lip: '#c0665c',
    white: '#fbf3e8',
  },
  fair: {
    base: '#eac19c',
    shade: '#c98c67',
    line: '#824a38',
    blush: '#d9806a',
    lip: '#b55e50',
    white: '#f9f0e2',
  },
  olive: {
    base: '#d9a57b',
    shade: '#b27850',
    line: '#6d3e2c',
    blush: '#c56d52',
    lip: '#a34f43',
    white: '#f6ecdc',
  },
  tan: {
    base: '#c38a5d',
    shade: '#97603c',
    line: '#57301f',
    blush: '#b05a3e',
    lip: '#93443a',
    white: '#f3e7d4',
  },
  brown: {
    base: '#9c6542',
    shade: '#71432a',
    line: '#3d2117',
    blush: '#984a34',
    lip: '#7c3a33',
    white: '#efe2cf',
  },
  deep: {
    base: '#7a4a2f',
    shade: '#52301f',
    line: '#2b1712',
    blush: '#8c4030',
    lip: '#6d3030',
    white: '#ecdfcc',
  },
  dark: {
    base: '#5f3826',
    shade: '#3d2219',
    line: '#1d0f0d',
    blush: '#7c3529',
    lip: '#642b2c',
    white: '#e9dac6',
  },
};

const shapes = {
  oval: { temple: 130, cheek: 134, jaw: 103, chin: 44, bottom: 202 },
  round: { temple: 136, cheek: 145, jaw: 119, chin: 56, bottom: 192 },
  long: { temple: 126, cheek: 128, jaw: 102, chin: 46, bottom: 216 },
  square: { temple: 133, cheek: 136, jaw: 121, chin: 62, bottom: 204 },
  heart: { temple: 135, cheek: 133, jaw: 93, chin: 36, bottom: 202 },
} as const;

export const shapeOf = (look: Look) => shapes[look.face];

/** The outline of the face; the far cheek is drawn in a little. */
export function outline(look: Look): string {
  const s = shapeOf(look);
  const far = Math.sign(look.turn);
  const half = (side: number): Point[] => {
    const k = side === far ? 0.965 : 1;
    const shift = look.turn * 6;
    return [
      [side * 64, -198],
      [side * (s.temple - 14), -142],
      [side * s.temple * k, -60],
      [side * s.cheek * k, 24],
      [side * s.jaw * k + shift, 118],
      [side * (s.chin + 22) + shift * 1.4, s.bottom - 28],
      [side * s.chin * 0.5 + shift * 1.6, s.bottom],
    ];
  };
  return smooth([[0, -208], ...half(1), ...half(-1).reverse()], true);
}

export function ears(look: Look, tones: Tones): string {
  const w = shapeOf(look).cheek;
  return [-1, 1]
    .filter((side) => !(side === Math.sign(look.turn) && Math.abs(look.turn) > 0.52))
    .map((side) => {
      const x = side * (w + 6);
      return (
        ellipse(x, 26, 23, 42, tones.base, { transform: `rotate(${side * 8} ${x} 26)` }) +
        stroke(
          `M${x + side * 8} 2C${x - side * 10} -4 ${x - side * 12} 30 ${x - side * 2} 44`,
          tones.shade,
          4,
        )
      );
    })
    .join('');
}

/** Eyes, brows, nose, mouth and the marks of age. */
export function features(look: Look, tones: Tones, clip: (svg: string) => string): string {
  const t = look.turn * 24;
  const male = Boolean(look.beard);
  const facing = Math.sign(look.turn) || 1;
  const parts: string[] = [];
  const browColour =
    look.age > 0.65 ? mix(look.hairColour, tones.line, 0.45) : mix(look.hairColour, tones.line, 0.25);

  for (const side of [-1, 1]) {
    const far = side === facing;
    const k = far ? 0.9 : 1;
    const at = (x: number, y: number): string =>
      `${round(t + side * 60 * (far ? 0.96 : 1) + side * x * k)} ${round(y)}`;
    // Positive x is outward, for both eyes.
    const upper = look.eyes === 'lowered' ? -12 : -23;
    const lens = `M${at(-29, 5)}C${at(-16, upper)} ${at(14, upper - 3)} ${at(32, -3)}C${at(18, 15)} ${at(-12, 17)} ${at(-29, 5)}Z`;
    if (look.eyes === 'closed') {
      parts.push(
        path(
          `M${at(-31, -2)}C${at(-16, -24)} ${at(16, -24)} ${at(33, -4)}C${at(18, 18)} ${at(-14, 18)} ${at(-31, -2)}Z`,
          mix(tones.base, tones.shade, 0.4),
        ),
        stroke(`M${at(-31, 0)}C${at(-14, 18)} ${at(18, 18)} ${at(34, -4)}`, tones.line, 5.5),
        stroke(`M${at(26, 8)}L${at(36, 15)}M${at(14, 14)}L${at(20, 23)}`, tones.line, 4),
      );
    } else {
      const x = t + side * 60 * (far ? 0.96 : 1) + look.turn * 5;
      const iris = look.iris ?? '#2a1813';
      const y = look.eyes === 'lowered' ? 7 : -1;
      parts.push(
        path(lens, tones.white),
        group(
          circle(x, y, 15, iris) +
            circle(x, y, 7.5, '#140f1c') +
            circle(x + 5, y - 5, 3.4, '#fdf6ea') +
            path(
              `M${at(-32, 0)}C${at(-16, upper - 3)} ${at(14, upper - 6)} ${at(34, -6)}L${at(34, 2)}C${at(14, upper + 4)} ${at(-14, upper + 6)} ${at(-30, 8)}Z`,
              tones.line,
              { opacity: 0.35 },
            ),
          { 'clip-path': clip(path(lens, '#000')) },
        ),
        path(
          `M${at(-31, 7)}C${at(-17, upper - 2)} ${at(14, upper - 6)} ${at(male ? 34 : 39, male ? -4 : -8)}C${at(20, upper + 6)} ${at(-12, upper + 6)} ${at(-31, 7)}Z`,
          darker(tones.line, 0.35),
        ),
        stroke(
          `M${at(-22, upper - 6)}C${at(-8, upper - 15)} ${at(16, upper - 16)} ${at(34, upper + 2)}`,
          tones.shade,
          3.5,
          { opacity: 0.9 },
        ),
        stroke(`M${at(-18, 15)}C${at(-4, 20)} ${at(12, 19)} ${at(24, 9)}`, tones.shade, 2.5, {
          opacity: 0.7,
        }),
      );
    }
    const b = look.brow;
    parts.push(
      path(
        `M${at(-36, -50)}C${at(-20, -61)} ${at(12, -69)} ${at(47, -46)}C${at(14, -62 + 5 * b)} ${at(-18, -55 + 7 * b)} ${at(-36, -50 + 9 * b)}Z`,
        browColour,
      ),
    );
    if (look.age > 0.45) {
      parts.push(
        stroke(`M${at(-20, 26)}C${at(-4, 36)} ${at(14, 34)} ${at(26, 26)}`, tones.shade, 3, {
          opacity: 0.3 + look.age * 0.5,
        }),
      );
      parts.push(
        stroke(`M${at(46, -2)}L${at(58, -10)}M${at(47, 6)}L${at(60, 8)}`, tones.shade, 3, {
          opacity: look.age * 0.8,
        }),
      );
      parts.push(
        stroke(`M${at(-20, 88)}C${at(-6, 102)} ${at(0, 116)} ${at(0, 130)}`, tones.shade, 3.5, {
          opacity: 0.25 + look.age * 0.5,
        }),
      );
    }
  }

  // The nose is one plane of shade on the far side, and a short line beneath.
  const n = t * 1.25;
  const f = facing;
  parts.push(
    path(
      `M${n - f * 2} -40C${n + f * 2} 0 ${n + f * 8} 40 ${n + f * 15} 66C${n + f * 20} 80 ${n + f * 14} 88 ${n} 90C${n + f * 18} 96 ${n + f * 34} 92 ${n + f * 33} 78C${n + f * 30} 62 ${n + f * 18} 20 ${n + f * 16} -18Z`,
      tones.shade,
      { opacity: 0.62 },
    ),
    stroke(
      `M${n - f * 25} 82C${n - f * 24} 92 ${n - f * 12} 94 ${n - f * 5} 91C${n + f * 2} 97 ${n + f * 14} 96 ${n + f * 20} 90`,
      tones.line,
      4.5,
    ),
  );

  // Mouth
  const m = t * 1.1;
  const wide = look.mouth === 'wide' ? 50 : look.mouth === 'smile' ? 44 : 38;
  const up = look.mouth === 'calm' ? 4 : look.mouth === 'smile' ? 7 : 11;
  const y = 134;
  const lip = male ? mix(tones.lip, tones.shade, 0.5) : tones.lip;
  const corner = (side: number) => `${round(m + side * wide * (side === f ? 0.92 : 1))} ${y - up}`;
  if (look.mouth === 'wide') {
    parts.push(
      path(`M${corner(-1)}Q${m} ${y + 8} ${corner(1)}Q${m} ${y + 44} ${corner(-1)}Z`, darker(lip, 0.55)),
      path(
        `M${round(m - wide * 0.78)} ${y - up + 7}Q${m} ${y + 8} ${round(m + wide * 0.74)} ${y - up + 7}Q${m} ${y + 25} ${round(m - wide * 0.78)} ${y - up + 7}Z`,
        tones.white,
      ),
      path(
        `M${corner(-1)}Q${m - 24} ${y - 14} ${m - 8} ${y - 13}Q${m} ${y - 8} ${m + 8} ${y - 13}Q${m + 24} ${y - 14} ${corner(1)}Q${m} ${y + 10} ${corner(-1)}Z`,
        lip,
      ),
      path(
        `M${corner(-1)}Q${m} ${y + 30} ${corner(1)}Q${m + 22} ${y + 32} ${m} ${y + 32}Q${m - 22} ${y + 32} ${corner(-1)}Z`,
        lighter(lip, 0.14),
      ),
    );
  } else {
    parts.push(
      path(
        `M${corner(-1)}Q${m - 22} ${y - 11} ${m - 8} ${y - 13}Q${m} ${y - 8} ${m + 8} ${y - 13}Q${m + 22} ${y - 11} ${corner(1)}Q${m} ${y + up + 3} ${corner(-1)}Z`,
        lip,
      ),
      path(
        `M${corner(-1)}Q${m} ${y + up + 3} ${corner(1)}Q${m + 20} ${y + 20} ${m} ${y + 21}Q${m - 20} ${y + 20} ${corner(-1)}Z`,
        lighter(lip, 0.16),
      ),
      stroke(
        `M${corner(-1)}Q${m - 14} ${y + up * 0.5 + 1} ${m} ${y + 1}Q${m + 14} ${y + up * 0.5 + 1} ${corner(1)}`,
        darker(lip, 0.45),
        4,
      ),
    );
  }
  if (up > 5) {
    parts.push(
      stroke(
        `M${m - wide - 6} ${y - up - 7}q-5 6 -2 13M${m + wide + 4} ${y - up - 7}q5 6 2 13`,
        tones.shade,
        3.5,
        { opacity: 0.8 },
      ),
    );
  }
  parts.push(
    stroke(`M${m - 13} ${y + 33}q13 6 26 0`, tones.shade, 4, { opacity: look.mouth === 'wide' ? 0 : 0.6 }),
  );
  if (look.age > 0.6)
    parts.push(
      stroke(`M${t - 50} -96q50 -8 100 0M${t - 36} -114q40 -6 76 0`, tones.shade, 3, {
        opacity: look.age * 0.45,
      }),
    );
  if (look.bindi) parts.push(circle(t, -62, 9, ink.terracotta));
  if (look.freckles) {
    parts.push(
      repeat(16, (at) => {
        const side = at % 2 ? 1 : -1;
        return circle(t + side * (30 + ((at * 37) % 50)), 46 + ((at * 23) % 34), 2.6, tones.shade, {
          opacity: 0.75,
        });
      }),
    );
  }
  return parts.join('');
}

/** A beard's outline (empty when there is none) and what lies on it. Drawn below the mouth. */
export function beard(look: Look): { shape: string; detail: string; moustache: string } {
  const s = shapeOf(look);
  const t = look.turn * 26;
  const colour = look.hair === 'fedora' ? '#b9b0ab' : look.hairColour;
  const b = s.bottom;
  const j = s.jaw;
  const c = s.cheek;
  const moustache = (lift: number, wide: number, drop: number) =>
    path(
      `M${t} ${104 + lift}C${t + 22} ${96 + lift} ${t + wide * 0.8} ${108 + lift} ${t + wide} ${132 + drop}C${t + wide * 0.6} ${128 + drop * 0.4} ${t + 26} ${126 + lift} ${t} ${119 + lift}C${t - 26} ${126 + lift} ${t - wide * 0.6} ${128 + drop * 0.4} ${t - wide} ${132 + drop}C${t - wide * 0.8} ${108 + lift} ${t - 22} ${96 + lift} ${t} ${104 + lift}Z`,
      colour,
    );
  const full = (grow: number, top: number) =>
    smooth(
      [
        [-c - 1, top],
        [-j - 8 - grow * 0.3, 118],
        [-s.chin - 30, b - 14 + grow * 0.6],
        [t * 0.4, b + 8 + grow],
        [s.chin + 30, b - 14 + grow * 0.6],
        [j + 8 + grow * 0.3, 118],
        [c + 1, top],
        [c - 16, 76],
        [j - 26 + t * 0.4, 106],
        [t + 62, 108],
        [t + 30, 100],
        [t, 102],
        [t - 30, 100],
        [t - 62, 108],
        [-j + 26 + t * 0.4, 106],
        [-c + 16, 76],
      ],
      true,
    );
  const hairs = (grow: number) =>
    repeat(9, (at) =>
      stroke(
        `M${-80 + at * 20 + t * 0.5} ${168 + (4 - Math.abs(4 - at)) * 5}q${(at - 4) * 1.5} ${14 + grow * 0.3} ${(at - 4) * -1} ${26 + grow * 0.6}`,
        lighter(colour, 0.25),
        3,
        { opacity: 0.45 },
      ),
    );
  switch (look.beard) {
    case 'full':
      return { shape: path(full(30, 20), colour), detail: hairs(30), moustache: moustache(0, 58, 18) };
    case 'long':
      return { shape: path(full(84, 10), colour), detail: hairs(70), moustache: moustache(-2, 70, 20) };
    case 'short':
      return {
        shape: path(full(4, 24), colour, { opacity: 0.86 }),
        detail: '',
        moustache: moustache(2, 50, 12),
      };
    case 'goatee':
      return {
        shape: path(
          smooth(
            [
              [t - 46, 140],
              [t - 40, b - 14],
              [t, b + 22],
              [t + 40, b - 14],
              [t + 46, 140],
              [t + 26, 162],
              [t, 166],
              [t - 26, 162],
            ],
            true,
          ),
          colour,
        ),
        detail: '',
        moustache: moustache(2, 50, 14),
      };
    case 'moustache':
      return {
        shape: '',
        detail: '',
        moustache: look.age > 0.5 ? moustache(-2, 76, 12) : moustache(2, 54, 6),
      };
    default:
      return { shape: '', detail: '', moustache: '' };
  }
}

export function glasses(look: Look): string {
  if (!look.glasses) return '';
  const t = look.turn * 24;
  const far = Math.sign(look.turn);
  const c = shapeOf(look).cheek;
  const frame =
    look.glasses === 'cat'
      ? ink.terracotta
      : look.glasses === 'half'
        ? ink.ember
        : look.glasses === 'square'
          ? '#2b2233'
          : '#3a2a2a';
  const lens = (side: number) => {
    const x = t + side * 61;
    const k = side === far ? 0.93 : 1;
    const tint = { 'fill-opacity': 0.14, stroke: frame, 'stroke-width': look.glasses === 'half' ? 5 : 7 };
    switch (look.glasses) {
      case 'round':
        return ellipse(x, 3, 50 * k, 50, '#fff', tint);
      case 'square':
        return path(
          `M${x - 50 * k} -34h${100 * k}q6 40 -8 64q-6 12 -20 12h${-44 * k}q-16 0 -21 -12q-12 -26 -7 -64Z`,
          '#fff',
          tint,
        );
      case 'cat':
        return path(
          `M${x - side * 46 * k} -22Q${x} -38 ${x + side * 66 * k} -46Q${x + side * 62 * k} 36 ${x + side * 4} 40Q${x - side * 50 * k} 40 ${x - side * 46 * k} -22Z`,
          '#fff',
          tint,
        );
      default:
        return path(
          `M${x - 46 * k} 14h${92 * k}q0 44 ${-46 * k} 44q${-46 * k} 0 ${-46 * k} -44Z`,
          '#fff',
          tint,
        );
    }
  };
  const bridge = look.glasses === 'half' ? `M${t - 16} 20q16 -12 32 0` : `M${t - 13} -6q13 -10 26 0`;
  const temple = look.glasses === 'half' ? 20 : -12;
  return (
    lens(-1) +
    lens(1) +
    stroke(bridge, frame, 6) +
    [-1, 1]
      .map((side) => stroke(`M${t + side * 110} ${temple}L${side * (c + 4)} ${temple - 4}`, frame, 6))
      .join('')
  );
}

export function earrings(look: Look): string {
  if (!look.earrings) return '';
  const w = shapeOf(look).cheek;
  return [-1, 1]
    .filter((side) => !(side === Math.sign(look.turn) && Math.abs(look.turn) > 0.52))
    .map((side) => {
      const x = side * (w + 10);
      switch (look.earrings) {
        case 'hoop':
          return circle(x, 104, 35, 'none', { stroke: ink.saffron, 'stroke-width': 8 });
        case 'disc':
          return circle(x, 100, 30, ink.ember) + circle(x, 100, 17, ink.terracotta);
        case 'drop':
          return (
            circle(x, 72, 8, ink.saffron) +
            path(
              `M${x} 80C${x + 26} 118 ${x + 22} 146 ${x} 146C${x - 22} 146 ${x - 26} 118 ${x} 80Z`,
              ink.ember,
            ) +
            circle(x, 126, 9, ink.paper)
          );
        default:
          return circle(x, 68, 9, ink.paper);
      }
    })
    .join('');
}
