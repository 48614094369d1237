import {
  circle,
  ellipse,
  group,
  moon,
  type Point,
  path,
  type Random,
  rect,
  repeat,
  ring,
  round,
  type Scene,
  smooth,
  star,
  stroke,
} from './draw.ts';
import type { Motif } from './looks.ts';
import { darker, ink, lighter, mix } from './palette.ts';

export interface Ground {
  ground: string;
  disc: string;
  accent: string;
  random: Random;
  scene: Scene;
}

const stars = (random: Random, count: number, colour: string, bottom = 900) =>
  repeat(count, () => {
    const [x, y, r] = [random() * 960, random() * bottom, random()];
    return r > 0.8
      ? path(star(x, y, 8 + r * 9), colour)
      : circle(x, y, 1.5 + r * 2.4, colour, { opacity: 0.85 });
  });

const leaf = (x: number, y: number, length: number, angle: number, colour: string) =>
  path(`M0 0Q${length * 0.3} ${-length * 0.32} ${length} 0Q${length * 0.3} ${length * 0.32} 0 0Z`, colour, {
    transform: `translate(${round(x)} ${round(y)}) rotate(${round(angle)})`,
  });

/** What stands behind a reader: a hint at what they do. */
export const motifs: Record<Motif, (g: Ground) => string> = {
  cards: ({ disc, accent, random, ground }) =>
    stars(random, 60, accent, 700) +
    repeat(7, (at) =>
      group(
        rect(-78, -600, 156, 270, at % 2 ? disc : darker(disc, 0.25), { rx: 16 }) +
          rect(-64, -586, 128, 242, 'none', { rx: 10, stroke: accent, 'stroke-width': 3, opacity: 0.85 }) +
          (at % 2
            ? path(star(0, -466, 46, 8, 0.5), accent) + circle(0, -466, 17, disc)
            : path(moon(0, -466, 40, 0.13), accent) + ring(0, -466, 52, ground, 3)),
        { transform: `translate(480 700) rotate(${-63 + at * 21})` },
      ),
    ),
  candles: ({ disc, accent, ground }) =>
    circle(480, 470, 350, mix(ground, disc, 0.25)) +
    circle(480, 470, 270, mix(ground, disc, 0.5)) +
    [
      [112, 560, 78],
      [238, 760, 60],
      [846, 500, 80],
      [744, 760, 58],
    ]
      .map(
        ([x = 0, top = 0, w = 0]) =>
          circle(x, top - 60, 110, accent, { opacity: 0.16 }) +
          circle(x, top - 60, 66, accent, { opacity: 0.2 }) +
          rect(x - w / 2, top, w, 700, lighter(disc, 0.3)) +
          rect(x + w * 0.18, top, w * 0.32, 700, darker(disc, 0.16)) +
          path(`M${x - w / 2} ${top}q${w / 2} 22 ${w} 0v40q-9 14 -16 -4q-12 30 -24 0Z`, lighter(disc, 0.55)) +
          stroke(`M${x} ${top + 4}v-26`, ink.bark, 5) +
          path(
            `M${x} ${top - 130}C${x + 42} ${top - 70} ${x + 34} ${top - 20} ${x} ${top - 18}C${x - 34} ${top - 20} ${x - 42} ${top - 70} ${x} ${top - 130}Z`,
            accent,
          ) +
          path(
            `M${x} ${top - 84}C${x + 20} ${top - 56} ${x + 18} ${top - 26} ${x} ${top - 24}C${x - 18} ${top - 26} ${x - 20} ${top - 56} ${x} ${top - 84}Z`,
            ink.paper,
          ),
      )
      .join(''),
  runes: ({ disc, accent, ground }) => {
    const marks = [
      'M0 0V90M0 8L34 30M0 40L34 62',
      'M0 0V90M34 0V90M0 26L34 62',
      'M4 90L4 0L34 26L4 48L34 90',
      'M0 90V0L34 34V90',
      'M17 0V90M-8 22L17 0L42 22',
      'M34 0L4 44L34 88',
      'M4 0V90M38 0V90M4 0L38 40M38 0L4 40',
      'M17 0V90M-2 58L36 30',
      'M0 0L36 45L0 90V0',
    ];
    return (
      circle(480, 480, 372, mix(ground, disc, 0.45)) +
      repeat(20, (at) => {
        const [column, row] = [at % 5, Math.floor(at / 5)];
        return group(
          rect(-36, -36, 108, 162, mix(disc, ground, 0.12 + ((at * 7) % 5) * 0.05), { rx: 22 }) +
            stroke(marks[(at * 4) % 9] as string, accent, 9),
          {
            transform: `translate(${52 + column * 208} ${60 + row * 210}) rotate(${((at * 13) % 9) - 4})`,
          },
        );
      })
    );
  },
  constellation: ({ disc, accent, random }) => {
    const points: Point[] = [
      [90, 330],
      [190, 190],
      [330, 120],
      [470, 74],
      [640, 130],
      [770, 230],
      [860, 380],
      [800, 560],
      [900, 690],
    ];
    return (
      circle(480, 500, 350, disc) +
      circle(480, 500, 350, ink.indigo, { opacity: 0.25 }) +
      [400, 450, 500]
        .map((r) => ring(480, 500, r, accent, 2, { opacity: 0.3, 'stroke-dasharray': '3 13' }))
        .join('') +
      stars(random, 90, accent) +
      stroke(
        `M${points.map((p) => p.join(' ')).join('L')}M190 190L150 480L110 640M770 230L640 130`,
        accent,
        3,
        { opacity: 0.75 },
      ) +
      [...points, [150, 480] as Point, [110, 640] as Point]
        .map(([x, y], at) => path(star(x, y, at % 3 ? 20 : 32), ink.saffron))
        .join('')
    );
  },
  aurora: ({ disc, accent, random, ground, scene }) =>
    stars(random, 60, ink.paper, 620) +
    repeat(4, (at) => {
      const points: Point[] = Array.from(
        { length: 7 },
        (_, i): Point => [i * 190 - 80, 200 + at * 120 + Math.sin(i * 1.3 + at * 1.7) * 80],
      );
      const fill = scene.linear(
        [0, 0],
        [0, 700],
        [0, accent, 0],
        [0.6, at % 2 ? disc : lighter(accent, 0.2), 0.5],
        [1, accent, 0],
      );
      return path(`${smooth(points)}L1100 ${-260 + at * 90}L-80 ${-260 + at * 90}Z`, fill);
    }) +
    path('M0 780L150 640L260 740L420 560L560 720L720 590L860 730L960 660V1200H0Z', darker(ground, 0.4)) +
    path(
      'M420 560L372 614L410 640L440 612L480 640L500 648ZM150 640L104 684L146 700L190 676Z',
      lighter(disc, 0.5),
    ) +
    path('M720 590L672 634L712 660L752 640L776 646Z', lighter(disc, 0.5)),
  tiles: ({ disc, accent, ground }) => {
    const symbols = [
      stroke('M0 -40V36M0 20H22M0 34H16', accent, 8) + ring(0, -46, 18, accent, 8),
      path('M-44 10H44Q30 44 0 44T-44 10ZM-4 0V-56L34 -2Z', accent),
      [0, 120, 240].map((a) => circle(0, -20, 19, accent, { transform: `rotate(${a})` })).join('') +
        stroke('M0 6Q4 34 18 48', accent, 6),
      rect(-44, -30, 88, 60, accent, { rx: 5 }) + stroke('M-40 -26L0 8L40 -26', disc, 6),
      path(star(0, 0, 50, 8, 0.5), accent),
      path(moon(0, 0, 44, 0.13), accent),
      path('M0 44C-70 -6 -44 -52 -18 -44Q-4 -40 0 -24Q4 -40 18 -44C44 -52 70 -6 0 44Z', accent),
      stroke('M0 50V-8', accent, 9) +
        circle(0, -26, 32, accent) +
        circle(-24, -6, 22, accent) +
        circle(24, -6, 22, accent),
    ];
    return repeat(20, (at) => {
      const [column, row] = [at % 5, Math.floor(at / 5)];
      return group(
        rect(-84, -112, 168, 224, at % 2 ? mix(ground, disc, 0.6) : disc, { rx: 12 }) +
          rect(-72, -100, 144, 200, 'none', { rx: 7, stroke: mix(ground, disc, 0.1), 'stroke-width': 3 }) +
          symbols[(at * 3) % 8],
        {
          transform: `translate(${64 + column * 208} ${104 + row * 262})`,
        },
      );
    });
  },
  zodiac: ({ disc, accent, ground }) =>
    circle(480, 470, 452, darker(ground, 0.12)) +
    circle(480, 470, 438, disc) +
    circle(480, 470, 372, mix(ground, disc, 0.25)) +
    repeat(
      12,
      (at) =>
        stroke('M480 32V98', accent, 4, { transform: `rotate(${at * 30} 480 470)` }) +
        group(
          [
            path(star(0, 0, 20, 4), accent),
            circle(0, 0, 12, accent),
            path(moon(0, 0, 18, 0.13), accent),
            ring(0, 0, 13, accent, 6),
          ][at % 4] as string,
          {
            transform: `rotate(${at * 30 + 15} 480 470) translate(480 66)`,
          },
        ),
    ) +
    repeat(48, (at) =>
      stroke(at % 4 ? 'M480 112V122' : 'M480 106V132', disc, 4, { transform: `rotate(${at * 7.5} 480 470)` }),
    ) +
    circle(480, 470, 310, lighter(ground, 0.35)),
  window: ({ disc, accent, random, ground }) => {
    const sky = mix(ground, ink.night, 0.75);
    return (
      path('M170 1200V430A310 350 0 0 1 790 430V1200Z', lighter(ground, 0.22)) +
      path('M206 1200V436A274 316 0 0 1 754 436V1200Z', sky) +
      group(stars(random, 60, accent, 900), { transform: 'translate(230 150) scale(.52 .9)' }) +
      circle(640, 330, 66, ink.saffron) +
      path(moon(640, 330, 66, 0.32), lighter(disc, 0.5)) +
      stroke('M480 120V1200M206 470H754', lighter(ground, 0.22), 17) +
      path('M0 0H150Q190 480 60 820Q30 1000 70 1200H0Z', mix(ground, ink.terracotta, 0.55)) +
      path('M960 0H810Q770 480 900 820Q930 1000 890 1200H960Z', mix(ground, ink.terracotta, 0.55)) +
      repeat(3, (at) =>
        stroke(
          `M${40 + at * 38} 0Q${70 + at * 40} 460 ${20 + at * 14} 800M${920 - at * 38} 0Q${890 - at * 40} 460 ${940 - at * 14} 800`,
          darker(ground, 0.2),
          5,
          { opacity: 0.5 },
        ),
      )
    );
  },
  contours: ({ disc, accent, ground }) =>
    circle(480, 470, 360, disc) +
    repeat(13, (at) => {
      const k = at * 36;
      return stroke(
        smooth([
          [-40, 180 + k * 1.9],
          [150, 90 + k * 1.7],
          [360, 160 + k * 1.5],
          [560, 60 + k * 1.8],
          [760, 130 + k * 1.6],
          [1000, 20 + k * 2],
        ]),
        at % 4 === 1 ? accent : mix(ground, accent, 0.5),
        at % 4 === 1 ? 9 : 4,
        { opacity: 0.75 },
      );
    }) +
    stroke('M96 1000Q60 640 210 380Q250 250 420 150', accent, 12, { opacity: 0.8 }),
  sunburst: ({ disc, accent, ground }) =>
    repeat(24, (at) =>
      path('M480 470L420 -420L540 -420Z', at % 2 ? mix(ground, disc, 0.62) : mix(ground, disc, 0.22), {
        transform: `rotate(${at * 15} 480 470)`,
      }),
    ) +
    circle(480, 470, 330, disc) +
    ring(480, 470, 296, accent, 6) +
    repeat(40, (at) => circle(480, 158, at % 2 ? 5 : 9, accent, { transform: `rotate(${at * 9} 480 470)` })),
  bodygraph: ({ disc, accent, ground }) => {
    const nodes: [number, number, string][] = [
      [130, 150, 'd'],
      [330, 90, 't'],
      [640, 90, 's'],
      [850, 190, 'c'],
      [96, 430, 's'],
      [866, 470, 't'],
      [130, 720, 'c'],
      [836, 750, 'd'],
    ];
    const links = [
      [0, 1],
      [1, 2],
      [2, 3],
      [0, 4],
      [3, 5],
      [4, 6],
      [5, 7],
      [1, 4],
      [2, 5],
      [6, 1],
      [7, 2],
    ] as const;
    const tints = [ink.saffron, ink.terracotta, ink.sage, ink.rose, disc];
    return (
      circle(480, 480, 360, lighter(ground, 0.35)) +
      links
        .map(
          ([a, b]) =>
            stroke(`M${nodes[a]?.[0]} ${nodes[a]?.[1]}L${nodes[b]?.[0]} ${nodes[b]?.[1]}`, accent, 20, {
              opacity: 0.5,
            }) +
            stroke(
              `M${nodes[a]?.[0]} ${nodes[a]?.[1]}L${nodes[b]?.[0]} ${nodes[b]?.[1]}`,
              lighter(ground, 0.5),
              7,
            ),
        )
        .join('') +
      nodes
        .map(([x, y, kind], at) => {
          const tint = tints[at % 5] as string;
          if (kind === 'c') return circle(x, y, 66, tint);
          if (kind === 's') return rect(x - 60, y - 60, 120, 120, tint, { rx: 14 });
          if (kind === 't')
            return path(`M${x} ${y - 80}L${x + 80} ${y + 56}H${x - 80}Z`, tint, {
              stroke: tint,
              'stroke-width': 16,
              'stroke-linejoin': 'round',
            });
          return path(`M${x} ${y - 82}L${x + 76} ${y}L${x} ${y + 82}L${x - 76} ${y}Z`, tint, {
            stroke: tint,
            'stroke-width': 12,
            'stroke-linejoin': 'round',
          });
        })
        .join('')
    );
  },
  arches: ({ disc, accent, ground, random }) => {
    const arch = (x: number, w: number, top: number, colour: string) =>
      path(`M${x - w} 1200V${top + w}A${w} ${w} 0 0 1 ${x + w} ${top + w}V1200Z`, colour);
    return (
      repeat(5, (at) =>
        arch(
          240,
          330 - at * 46,
          60 + at * 46,
          [
            darker(ground, 0.18),
            mix(ground, accent, 0.35),
            darker(ground, 0.3),
            mix(ground, accent, 0.7),
            disc,
          ][at] as string,
        ),
      ) +
      repeat(5, (at) =>
        arch(
          760,
          290 - at * 42,
          180 + at * 42,
          [darker(ground, 0.12), mix(ground, accent, 0.5), darker(ground, 0.24), accent, ink.saffron][
            at
          ] as string,
        ),
      ) +
      group(stars(random, 24, accent, 560), { transform: 'translate(110 270) scale(.27 1)' })
    );
  },
  lemons: ({ disc, accent, ground }) =>
    circle(480, 480, 372, mix(ground, disc, 0.75)) +
    [
      [-20, 120, 260, 210],
      [60, -30, 330, 110],
      [980, 90, 720, 200],
      [930, -20, 640, 96],
      [-20, 640, 200, 520],
      [980, 700, 790, 560],
      [-20, 900, 190, 800],
      [990, 470, 800, 380],
    ]
      .map(([x1 = 0, y1 = 0, x2 = 0, y2 = 0], at) => {
        const angle = (Math.atan2(y2 - y1, x2 - x1) * 180) / Math.PI;
        const along = (k: number): Point => [x1 + (x2 - x1) * k, y1 + (y2 - y1) * k];
        return (
          stroke(`M${x1} ${y1}L${x2} ${y2}`, ink.bark, 8) +
          [0.2, 0.4, 0.6, 0.8, 1]
            .map((k, i) =>
              leaf(...along(k), 110 - k * 20, angle + (i % 2 ? 48 : -48), i % 2 ? ink.moss : ink.sage),
            )
            .join('') +
          ellipse(x2, y2 + 50, 46, 60, accent, { transform: `rotate(${at * 24 - 30} ${x2} ${y2})` }) +
          ellipse(x2 - 12, y2 + 40, 14, 24, lighter(accent, 0.5), {
            transform: `rotate(${at * 24 - 30} ${x2} ${y2})`,
          })
        );
      })
      .join(''),
  clouds: ({ disc, accent, random, ground }) => {
    const cloud = (x: number, y: number, s: number, colour: string) =>
      path(
        'M-190 40A56 56 0 0 1 -150 -50A86 86 0 0 1 10 -84A76 76 0 0 1 138 -40A50 50 0 0 1 180 40Z',
        colour,
        { transform: `translate(${x} ${y}) scale(${s})` },
      );
    return (
      stars(random, 70, accent, 700) +
      circle(480, 430, 330, disc) +
      ring(480, 430, 366, disc, 3, { opacity: 0.6 }) +
      ring(480, 430, 410, disc, 2, { opacity: 0.4 }) +
      cloud(150, 300, 1.1, mix(ground, accent, 0.45)) +
      cloud(850, 210, 1, mix(ground, accent, 0.55)) +
      cloud(60, 560, 1.3, mix(ground, accent, 0.75)) +
      cloud(900, 520, 1.4, mix(ground, accent, 0.35)) +
      cloud(160, 800, 1.5, accent) +
      cloud(860, 820, 1.6, mix(ground, accent, 0.8))
    );
  },
  phases: ({ disc, accent, random, ground }) =>
    stars(random, 60, accent, 800) +
    circle(480, 530, 350, disc) +
    circle(480, 530, 350, ground, { opacity: 0.15 }) +
    repeat(7, (at) => {
      const angle = ((-168 + at * 26) * Math.PI) / 180;
      const [x, y] = [480 + Math.cos(angle) * 405, 560 + Math.sin(angle) * 450];
      return circle(x, y, 50, darker(ground, 0.35)) + path(moon(x, y, 50, 0.1 + at * 0.1333), accent);
    }),
  hills: ({ disc, accent, ground }) =>
    circle(480, 430, 320, disc) +
    circle(480, 430, 260, lighter(disc, 0.22)) +
    path('M0 640Q160 470 330 620T640 560T960 640V1200H0Z', mix(ground, accent, 0.35)) +
    path('M0 780Q220 620 420 760T960 700V1200H0Z', mix(ground, accent, 0.6)) +
    path('M0 900Q260 780 520 880T960 830V1200H0Z', mix(ground, accent, 0.85)) +
    [
      [110, 800, 1.2],
      [850, 760, 1],
      [206, 880, 0.7],
      [770, 860, 0.6],
    ]
      .map(([x = 0, y = 0, s = 1]) =>
        group(
          stroke('M0 0V-190M0 -70H-52V-130M0 -100H48V-150', ink.moss, 38) +
            stroke('M-8 -10V-180', ink.sage, 5, { opacity: 0.7 }),
          { transform: `translate(${x} ${y}) scale(${s})` },
        ),
      )
      .join(''),
  'sea-sun': ({ disc, accent, ground, scene }) =>
    repeat(18, (at) =>
      path('M480 560L448 -500L512 -500Z', lighter(ground, 0.4), {
        transform: `rotate(${at * 20} 480 560)`,
        opacity: 0.5,
      }),
    ) +
    circle(480, 500, 360, scene.linear([0, 140], [0, 860], [0, disc], [1, mix(disc, ground, 0.55)])) +
    rect(0, 720, 960, 480, accent) +
    repeat(8, (at) =>
      stroke(
        smooth(
          Array.from({ length: 13 }, (_, i): Point => [i * 90 - 60, 750 + at * 44 + (i % 2 ? 13 : -13)]),
        ),
        at % 2 ? lighter(accent, 0.3) : mix(accent, ground, 0.5),
        6,
        { opacity: 0.8 },
      ),
    ),
  numbers: ({ disc, accent, ground }) =>
    repeat(9 * 11, (at) => {
      const [column, row] = [at % 9, Math.floor(at / 9)];
      const value = ((column + 1) * (row + 1)) % 9 || 9;
      return circle(
        40 + column * 110,
        46 + row * 110,
        10 + value * 4.2,
        [accent, ink.teal, ink.ember, mix(ground, accent, 0.3), disc][value % 5] as string,
      );
    }) +
    circle(480, 500, 348, disc) +
    ring(480, 500, 322, accent, 4) +
    ring(480, 500, 308, accent, 2),
  mountains: ({ disc, accent, random, ground }) =>
    stars(random, 40, accent, 380) +
    circle(690, 270, 130, disc) +
    path('M-40 760L190 360L330 590L470 300L640 560L770 420L1000 760V1200H-40Z', darker(ground, 0.35)) +
    path(
      'M190 360L126 470L168 500L200 462L250 506L262 478ZM470 300L396 424L450 462L484 420L530 470L566 448ZM770 420L712 484L760 508L804 492L820 494Z',
      accent,
    ) +
    path('M-40 900L140 640L300 800L520 620L740 800L880 690L1000 780V1200H-40Z', ink.teal) +
    repeat(6, (at) =>
      stroke(
        `M-20 ${880 + at * 40}Q240 ${800 + at * 40} 480 ${870 + at * 40}T980 ${850 + at * 40}`,
        [ink.sage, ink.saffron, ink.terracotta][at % 3] as string,
        14,
      ),
    ),
  waves: ({ disc, accent, ground }) =>
    circle(480, 400, 300, disc) +
    repeat(7, (row) =>
      repeat(8, (column) => {
        const [x, y] = [column * 150 - 60 + (row % 2 ? 75 : 0), 500 + row * 104];
        const base = mix(accent, ink.indigo, row * 0.09);
        return [100, 78, 56, 34, 14]
          .map((r, at) => circle(x, y + 40, r, at % 2 ? mix(ground, ink.paper, 0.5) : at === 4 ? disc : base))
          .join('');
      }),
    ),
  hexagram: ({ disc, accent, ground }) =>
    circle(480, 450, 340, disc) +
    [1, 0, 0, 1, 1, 0]
      .map((whole, at) => {
        const y = 110 + at * 150;
        const bar = (x: number, w: number) => rect(x, y, w, 44, accent, { rx: 4, opacity: 0.92 });
        return whole ? bar(36, 888) : bar(36, 390) + bar(534, 390);
      })
      .join('') +
    rect(0, 0, 960, 1200, ground, { opacity: 0.06 }) +
    stroke('M60 1100Q200 1010 330 1090T600 1070T900 1090', mix(ground, accent, 0.4), 4),
  lotus: ({ disc, accent, ground }) =>
    circle(480, 470, 440, darker(ground, 0.08)) +
    [
      [16, 430, 120, mix(ground, disc, 0.5)],
      [16, 380, 100, disc],
      [12, 330, 90, mix(disc, accent, 0.5)],
    ]
      .map(([count, reach, width, colour], ringAt) =>
        repeat(count as number, (at) =>
          path(
            `M480 470C${480 - (width as number)} ${470 - (reach as number) * 0.6} ${480 - (width as number) * 0.4} ${470 - (reach as number) * 0.9} 480 ${470 - (reach as number)}C${480 + (width as number) * 0.4} ${470 - (reach as number) * 0.9} ${480 + (width as number)} ${470 - (reach as number) * 0.6} 480 470Z`,
            colour as string,
            {
              transform: `rotate(${(360 / (count as number)) * (at + ringAt * 0.5)} 480 470)`,
              stroke: ground,
              'stroke-width': 4,
            },
          ),
        ),
      )
      .join('') +
    circle(480, 470, 240, accent) +
    repeat(24, (at) => circle(480, 30 + 8, 8, disc, { transform: `rotate(${at * 15} 480 470)` })),
  birds: ({ disc, accent, ground }) =>
    circle(480, 440, 340, disc) +
    stroke(
      'M0 300Q260 240 480 280T960 250M0 380Q260 320 480 360T960 330M0 940Q260 880 480 920T960 890',
      lighter(ground, 0.5),
      16,
      { opacity: 0.6 },
    ) +
    [
      [130, 220, 1.2, -12],
      [300, 120, 0.8, -18],
      [700, 130, 1, -8],
      [850, 300, 1.3, -16],
      [90, 520, 0.9, -6],
      [870, 560, 0.7, -20],
      [560, 60, 0.6, -14],
    ]
      .map(([x = 0, y = 0, s = 1, a = 0]) =>
        path(
          'M-96 -30Q-40 -46 0 4Q40 -66 110 -62Q60 -30 26 22Q14 44 -34 52Q-12 36 -16 20Q-50 -12 -96 -30Z',
          accent,
          { transform: `translate(${x} ${y}) rotate(${a}) scale(${s})` },
        ),
      )
      .join(''),
  circles: ({ disc, accent, random, ground }) =>
    stars(random, 40, accent, 900) +
    circle(480, 470, 390, mix(ground, disc, 0.35)) +
    circle(480, 470, 300, disc) +
    repeat(12, (at) =>
      ring(
        480 + Math.cos((at * Math.PI) / 6) * 210,
        470 + Math.sin((at * Math.PI) / 6) * 210,
        210,
        accent,
        3,
        { opacity: 0.65 },
      ),
    ) +
    ring(480, 470, 420, accent, 5),
  ferns: ({ disc, accent, ground }) =>
    circle(480, 480, 360, disc) +
    [
      [60, 1000, -76, 1.15],
      [190, 1040, -98, 0.9],
      [900, 1000, -104, 1.15],
      [770, 1040, -82, 0.9],
      [-30, 760, -50, 0.9],
      [990, 760, -130, 0.9],
      [-20, 420, -36, 0.7],
      [980, 420, -144, 0.7],
    ]
      .map(([x = 0, y = 0, a = 0, s = 1], at) => {
        const tint = at % 2 ? lighter(ground, 0.16) : mix(ground, accent, 0.5);
        return group(
          stroke('M0 0Q330 30 620 -20', tint, 8) +
            repeat(
              14,
              (i) =>
                leaf(50 + i * 42, 8 + Math.sin(i / 5) * 8, 130 - i * 7.5, -58, tint) +
                leaf(50 + i * 42, 8 + Math.sin(i / 5) * 8, 130 - i * 7.5, 58, tint),
            ),
          {
            transform: `translate(${x} ${y}) rotate(${a}) scale(${s})`,
          },
        );
      })
      .join(''),
  rings: ({ disc, accent, ground }) =>
    [520, 460, 400, 345, 290]
      .map((r, at) =>
        circle(
          480,
          460,
          r,
          [darker(ground, 0.22), disc, mix(ground, accent, 0.18), ink.ember, mix(disc, accent, 0.5)][
            at
          ] as string,
        ),
      )
      .join('') +
    repeat(36, (at) =>
      path('M480 0L497 32L480 64L463 32Z', accent, {
        transform: `rotate(${at * 10} 480 460) translate(0 -30)`,
      }),
    ) +
    repeat(30, (at) => circle(480, 87, 9, ground, { transform: `rotate(${at * 12} 480 460)` })),
  binary: ({ disc, accent, ground, random }) =>
    repeat(5 * 14, (at) => {
      const [column, row] = [at % 5, Math.floor(at / 5)];
      const [x, y] = [36 + column * 184, 40 + row * 62 + (row % 7 === 6 ? 0 : 0)];
      if (row % 7 === 6) return '';
      const tint = random() > 0.82 ? accent : mix(ground, disc, 0.55);
      return random() > 0.5
        ? rect(x, y, 152, 30, tint, { rx: 15 })
        : rect(x, y, 64, 30, tint, { rx: 15 }) + rect(x + 88, y, 64, 30, tint, { rx: 15 });
    }) +
    circle(480, 480, 318, mix(ground, disc, 0.8)) +
    ring(480, 480, 340, accent, 5),
  comet: ({ disc, accent, random, ground }) =>
    circle(480, 500, 356, disc) +
    stars(random, 80, accent) +
    path('M770 170C620 130 260 150 -60 420C180 260 520 210 760 236Z', ink.ember, { opacity: 0.85 }) +
    path('M776 186C620 170 300 200 40 390C280 280 560 224 766 230Z', ink.saffron) +
    circle(786, 204, 52, ink.paper) +
    path(star(786, 204, 100, 8, 0.42), ink.paper) +
    repeat(3, (at) =>
      stroke(
        `M${60 + at * 60} ${720 - at * 90}Q${200 + at * 50} ${560 - at * 70} ${420 + at * 30} ${480 - at * 60}`,
        mix(ground, accent, 0.6),
        4,
      ),
    ),
};
