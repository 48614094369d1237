import {
  circle,
  ellipse,
  group,
  moon,
  newScene,
  type Point,
  path,
  rect,
  repeat,
  ring,
  type Scene,
  seeded,
  smooth,
  star,
  stroke,
} from './draw.ts';
import { darker, type Ink, ink, lighter, mix } from './palette.ts';

/** An object on a table: flat colour, and the outline that takes the shading. */
interface Thing {
  wall: Ink;
  table: Ink;
  /** Shadows on the table: x, y, half width, half height. */
  shadows?: [number, number, number, number][];
  flat: string;
  shape: string;
  /** Glow or anything else over the shading. */
  top?: string;
}

const at = (svg: string, x: number, y: number, angle = 0, scale = 1) =>
  group(svg, { transform: `translate(${x} ${y}) rotate(${angle}) scale(${scale})` });
const wave = (y: number, height: number, step: number, from = 0, to = 1200) =>
  smooth(
    Array.from(
      { length: Math.ceil((to - from) / step) + 1 },
      (_, i): Point => [from + i * step, y + (i % 2 ? height : -height)],
    ),
  );

/** A card of 200 × 340 around its own middle. */
const card = (face: string, border: string, picture: string) =>
  rect(-100, -170, 200, 340, face, { rx: 16 }) +
  rect(-86, -156, 172, 312, 'none', { rx: 9, stroke: border, 'stroke-width': 4 }) +
  picture;
const flame = (x: number, y: number, s = 1) =>
  at(
    circle(0, -70, 150, ink.saffron, { opacity: 0.18 }) +
      circle(0, -70, 90, ink.saffron, { opacity: 0.24 }) +
      path('M0 -150C54 -80 44 -10 0 -4C-44 -10 -54 -80 0 -150Z', ink.ember) +
      path('M0 -92C26 -58 24 -10 0 -6C-24 -10 -26 -58 0 -92Z', ink.paper),
    x,
    y,
    0,
    s,
  );
const sheetOf = (colour: string, content: string) => rect(-230, -320, 460, 640, colour, { rx: 6 }) + content;
/** A book standing a little turned, 420 × 580 around its middle. */
const book = (cover: string, picture: string, pages: string = ink.cream) =>
  path('M210 -290L258 -262V300L210 290Z', pages) +
  repeat(4, (i) => stroke(`M${220 + i * 10} ${-282 + i * 6}V${292 + i * 2}`, darker(pages, 0.18), 2)) +
  rect(-210, -290, 420, 580, cover, { rx: 8 }) +
  rect(-210, -290, 38, 580, darker(cover, 0.25), { rx: 8 }) +
  picture;
const disc = (label: string, picture: string) =>
  circle(0, 0, 300, '#1b1826') +
  repeat(9, (i) => ring(0, 0, 130 + i * 18, '#3a3548', 2.5)) +
  path('M0 0L-120 -275A300 300 0 0 1 20 -299ZM0 0L120 275A300 300 0 0 1 -20 299Z', '#fff3df', {
    opacity: 0.1,
  }) +
  circle(0, 0, 112, label) +
  picture +
  circle(0, 0, 11, ink.paper);
const lines = (x: number, y: number, count: number, width: number, gap: number, colour: string) =>
  repeat(count, (i) =>
    stroke(`M${x} ${y + i * gap}h${width * (i === count - 1 ? 0.6 : 1)}`, colour, 5, { opacity: 0.55 }),
  );
const bookShape = (x: number, y: number, angle = 0) =>
  at(path('M-210 -290H210L258 -262V300L210 290H-210Z', '#000'), x, y, angle);
const pencil = (length: number) =>
  rect(0, -13, length, 26, ink.ember) +
  rect(0, -4, length, 9, darker(ink.ember, 0.15)) +
  path(`M${length} -13L${length + 46} 0L${length} 13Z`, ink.sand) +
  path(`M${length + 32} -4L${length + 46} 0L${length + 32} 4Z`, ink.night) +
  rect(-34, -13, 34, 26, ink.terracotta, { rx: 7 });
const sun = (r: number, colour: string) =>
  repeat(12, (i) =>
    path(`M-7 ${-r * 1.18}L0 ${-r * 1.6}L7 ${-r * 1.18}Z`, colour, { transform: `rotate(${i * 30})` }),
  ) + circle(0, 0, r, colour);
/** A hexagram, whole lines as 1, from the ground up. */
const hexagram = (bits: number[], width: number, colour: string) =>
  bits
    .map((whole, i) =>
      whole
        ? rect(-width / 2, -i * 46, width, 24, colour, { rx: 4 })
        : rect(-width / 2, -i * 46, width * 0.42, 24, colour, { rx: 4 }) +
          rect(width * 0.08, -i * 46, width * 0.42, 24, colour, { rx: 4 }),
    )
    .join('');

const things: Record<string, (scene: Scene) => Thing> = {
  'lantern-tarot': () => ({
    wall: 'rose',
    table: 'blush',
    shadows: [
      [470, 900, 240, 40],
      [780, 950, 320, 40],
    ],
    flat:
      path('M250 330H610L660 370V900L610 884H250Z', darker(ink.indigo, 0.3)) +
      rect(250, 330, 360, 556, ink.indigo, { rx: 10 }) +
      rect(276, 356, 308, 504, 'none', { rx: 6, stroke: ink.saffron, 'stroke-width': 5 }) +
      at(
        path('M-60 -90H60L80 90H-80Z', ink.saffron) +
          circle(0, 10, 42, ink.paper) +
          path('M-52 -130H52L72 -90H-72ZM-90 90H90L96 124H-96Z', ink.ember) +
          stroke('M-34 -132q0 -56 34 -56t34 56', ink.ember, 9),
        430,
        590,
      ) +
      repeat(6, (i) => path(star(300 + i * 52, 400 + (i % 2) * 26, 12), ink.saffron)) +
      [
        [640, 720, -20],
        [770, 716, 2],
        [900, 760, 24],
      ]
        .map(([x = 0, y = 0, a = 0], i) =>
          at(
            card(
              [ink.paper, ink.terracotta, ink.teal][i] as string,
              ink.saffron,
              [
                path(moon(0, -20, 58, 0.13), ink.dusk) + path('M-86 90Q0 40 86 90V148H-86Z', ink.sage),
                at(sun(44, ink.saffron), 0, -20) + stroke('M-60 100H60', ink.saffron, 6),
                path(star(0, -20, 74, 8, 0.45), ink.paper) + circle(0, -20, 20, ink.ember),
              ][i] as string,
            ),
            x,
            y,
            a,
            1.08,
          ),
        )
        .join(''),
    shape:
      path('M250 330H610L660 370V900H250Z', '#000') +
      [
        [640, 720, -20],
        [770, 716, 2],
        [900, 760, 24],
      ]
        .map(([x = 0, y = 0, a = 0]) => at(rect(-100, -170, 200, 340, '#000', { rx: 16 }), x, y, a, 1.08))
        .join(''),
  }),
  'little-lenormand': () => {
    const pictures = [
      ring(0, -50, 34, ink.ember, 14) + stroke('M0 -12V96M0 60H36M0 90H28', ink.ember, 14),
      path('M-70 40H70Q50 92 0 92T-70 40ZM-6 24V-96L60 24Z', ink.dusk) +
        path('M-14 24V-70L-58 24Z', ink.mist),
      repeat(4, (i) =>
        path('M0 0C-56 -26 -52 -84 -20 -82Q-4 -80 0 -64Q4 -80 20 -82C52 -84 56 -26 0 0Z', ink.moss, {
          transform: `rotate(${i * 90 + 45})`,
        }),
      ) + stroke('M0 0Q0 60 30 100', ink.moss, 9),
      rect(-70, -46, 140, 98, ink.rose, { rx: 6 }) +
        stroke('M-66 -42L0 14L66 -42', ink.terracotta, 7) +
        circle(0, 14, 17, ink.terracotta),
    ];
    const where = [
      [330, 520, -14],
      [530, 470, -3],
      [730, 500, 7],
      [890, 620, 19],
    ] as const;
    return {
      wall: 'sage',
      table: 'sand',
      shadows: [[600, 760, 420, 60]],
      flat: where
        .map(([x, y, a], i) => at(card(ink.paper, ink.sage, pictures[i] as string), x, y + 80, a, 1.14))
        .join(''),
      shape: where
        .map(([x, y, a]) => at(rect(-100, -170, 200, 340, '#000', { rx: 16 }), x, y + 80, a, 1.14))
        .join(''),
    };
  },
  'ash-wood-runes': () => {
    const marks = [
      'M0 -40V40M0 -34L24 -14M0 -6L24 14',
      'M-20 40V-40L20 -12V40',
      'M0 40V-40M-28 -12L0 -40L28 -12',
      'M-20 -40L20 40M20 -40L-20 40',
      'M20 -40L-18 0L20 40',
      'M-20 -40V40M20 -40V40M-20 -40L20 0M20 -40L-20 0',
      'M0 -44L30 0L0 44L-30 0Z',
    ];
    const where = [
      [560, 870, -12],
      [690, 800, 22],
      [730, 930, -30],
      [840, 850, 8],
      [900, 970, 40],
      [620, 990, 14],
      [990, 890, -18],
    ] as const;
    const piece = path(
      smooth(
        [
          [-50, -70],
          [0, -78],
          [52, -68],
          [58, 0],
          [50, 72],
          [0, 78],
          [-54, 70],
          [-58, 0],
        ],
        true,
      ),
      ink.sand,
      { stroke: darker(ink.sand, 0.3), 'stroke-width': 5 },
    );
    const bag = 'M250 500C170 620 130 860 210 960C330 1010 560 1000 600 900C620 760 560 600 480 500Z';
    return {
      wall: 'dusk',
      table: 'mist',
      shadows: [
        [400, 970, 270, 40],
        [800, 950, 300, 60],
      ],
      flat:
        path(bag, ink.terracotta) +
        path('M230 430Q365 480 510 430L480 520Q365 550 250 520Z', lighter(ink.terracotta, 0.15)) +
        stroke('M244 512Q365 546 486 512', ink.saffron, 14) +
        stroke('M460 520q60 30 40 110', ink.saffron, 9) +
        stroke('M300 560Q260 740 300 930M400 570Q430 760 400 960', darker(ink.terracotta, 0.25), 6, {
          opacity: 0.6,
        }) +
        where
          .map(([x, y, a], i) => at(piece + stroke(marks[i] as string, ink.bark, 9), x, y, a, 1.05))
          .join(''),
      shape:
        path(bag, '#000') +
        where.map(([x, y, a]) => at(rect(-54, -74, 108, 148, '#000', { rx: 26 }), x, y, a, 1.05)).join(''),
    };
  },
  'three-coins': () => {
    const coin = (marked: boolean) =>
      circle(0, 12, 150, darker(ink.ember, 0.4)) +
      circle(0, 0, 150, ink.ember) +
      ring(0, 0, 128, lighter(ink.saffron, 0.2), 9) +
      rect(-40, -40, 80, 80, ink.paper) +
      rect(-48, -48, 96, 96, 'none', { stroke: darker(ink.ember, 0.3), 'stroke-width': 8 }) +
      (marked ? stroke('M-26 -96q13 -18 26 0t26 0M-26 96q13 -18 26 0t26 0', ink.bark, 9) : '');
    return {
      wall: 'paper',
      table: 'cream',
      shadows: [
        [340, 910, 170, 34],
        [650, 990, 180, 34],
        [880, 860, 170, 34],
      ],
      flat:
        at(hexagram([1, 0, 0, 1, 1, 0], 460, ink.night), 600, 540) +
        at(coin(false), 330, 770) +
        at(coin(true), 620, 850, 18) +
        at(coin(false), 880, 740, -12),
      shape: circle(330, 770, 150, '#000') + circle(620, 850, 150, '#000') + circle(880, 740, 150, '#000'),
    };
  },
  'reading-cloth': () => {
    const d = 'M220 420L760 360L1000 560L900 900L330 960L190 720Z';
    return {
      wall: 'ember',
      table: 'saffron',
      shadows: [[590, 940, 410, 56]],
      flat:
        path('M240 470L770 400L1000 590L910 950L330 1000L200 770Z', darker(ink.indigo, 0.4)) +
        path(d, ink.indigo) +
        path('M760 360L1000 560L700 590Z', darker(ink.indigo, 0.22)) +
        repeat(8, (i) => {
          const a = (i * Math.PI) / 4;
          const [x, y] = [560 + Math.cos(a) * 240, 670 + Math.sin(a) * 190];
          return circle(x, y, 46, ink.dusk) + path(moon(x, y, 46, i === 4 ? 0.5 : i / 8 + 0.01), ink.paper);
        }) +
        at(sun(54, ink.saffron), 560, 670) +
        stroke('M240 440L750 384L972 560L884 880L346 934L216 716Z', ink.saffron, 5, {
          'stroke-dasharray': '22 14',
        }),
      shape: path(d, '#000'),
    };
  },
  'beeswax-pillar': () => ({
    wall: 'indigo',
    table: 'plum',
    shadows: [[600, 992, 330, 48]],
    flat:
      ellipse(600, 950, 300, 66, ink.terracotta) +
      ellipse(600, 934, 300, 66, lighter(ink.terracotta, 0.18)) +
      path('M440 420Q600 470 760 420V930Q600 980 440 930Z', ink.ember) +
      ellipse(600, 420, 160, 42, lighter(ink.saffron, 0.35)) +
      repeat(7, (r) =>
        repeat(4, (c) =>
          path('M-40 -22L0 -46L40 -22V22L0 46L-40 22Z', 'none', {
            stroke: darker(ink.ember, 0.16),
            'stroke-width': 4,
            opacity: 0.55,
            transform: `translate(${486 + c * 80 - (r % 2) * 40} ${540 + r * 68}) scale(.9)`,
          }),
        ),
      ) +
      path('M446 424q22 120 44 10ZM690 446q18 160 40 -6Z', lighter(ink.saffron, 0.3)) +
      stroke('M600 420V372', ink.bark, 11),
    shape: path('M440 420Q600 470 760 420V930Q600 980 440 930Z', '#000'),
    top: flame(600, 380, 1.4),
  }),
  'first-light-candle': () => ({
    wall: 'mist',
    table: 'paper',
    shadows: [[600, 968, 290, 44]],
    flat:
      path('M370 520H830L800 900Q796 960 720 962H480Q404 960 400 900Z', ink.rose) +
      ellipse(600, 520, 230, 56, lighter(ink.rose, 0.3)) +
      ellipse(600, 526, 202, 42, ink.paper) +
      at(
        path('M-110 60A110 110 0 0 1 110 60Z', ink.saffron) +
          repeat(7, (i) =>
            stroke('M0 -84V-122', ink.saffron, 11, {
              transform: `translate(0 60) rotate(${-75 + i * 25}) translate(0 -54)`,
            }),
          ) +
          stroke('M-150 84H150', ink.terracotta, 9),
        600,
        740,
      ) +
      stroke('M600 524V470', ink.bark, 10),
    shape: path('M370 520H830L800 900Q796 960 720 962H480Q404 960 400 900Z', '#000'),
    top: flame(600, 480, 1.1),
  }),
  'twelve-tapers': () => {
    const tints = [
      ink.paper,
      ink.cream,
      ink.sand,
      ink.blush,
      ink.rose,
      ink.terracotta,
      ink.ember,
      ink.sage,
      ink.mist,
      ink.dusk,
      ink.teal,
      ink.indigo,
    ];
    const taper = (i: number) => path(`M${-24} 0L-17 -560H17L24 0Z`, tints[i] as string);
    return {
      wall: 'blush',
      table: 'rose',
      shadows: [[600, 952, 420, 44]],
      flat:
        repeat(12, (i) =>
          at(
            taper(i) +
              stroke('M0 -560q4 -24 -5 -48', ink.bark, 6) +
              path('M8 -550L16 -4', 'none', { stroke: '#fff3df', 'stroke-width': 5, opacity: 0.35 }),
            314 + i * 52,
            940 - Math.abs(5.5 - i) * 3,
            (i - 5.5) * 0.9,
          ),
        ) +
        path('M270 700Q600 740 930 700V760Q600 800 270 760Z', ink.paper) +
        stroke('M270 730Q600 770 930 730', ink.terracotta, 12) +
        path('M600 750C520 690 480 760 600 760C720 760 680 690 600 750Z', 'none', {
          stroke: ink.terracotta,
          'stroke-width': 12,
        }) +
        stroke('M600 756L560 850M600 756L646 844', ink.terracotta, 12),
      shape: path('M280 400H920L936 944H264Z', '#000'),
    };
  },
  'paper-moon-lamp': () => ({
    wall: 'night',
    table: 'indigo',
    shadows: [[600, 1010, 260, 36]],
    flat:
      circle(600, 520, 470, ink.saffron, { opacity: 0.12 }) +
      circle(600, 520, 390, ink.saffron, { opacity: 0.16 }) +
      stroke('M470 1000L560 780M730 1000L640 780M490 950H710', ink.bark, 20) +
      circle(600, 520, 296, lighter(ink.saffron, 0.5)) +
      circle(600, 500, 190, ink.paper, { opacity: 0.75 }) +
      repeat(9, (i) => {
        const y = 290 + i * 58;
        const half = Math.sqrt(Math.max(0, 296 ** 2 - (y - 520) ** 2));
        return path(`M${600 - half} ${y}Q600 ${y + 34} ${600 + half} ${y}`, 'none', {
          stroke: ink.ember,
          'stroke-width': 5,
          opacity: 0.65,
        });
      }) +
      rect(540, 800, 120, 24, ink.bark, { rx: 9 }) +
      rect(556, 212, 88, 22, ink.bark, { rx: 8 }),
    shape: circle(600, 520, 296, '#000'),
  }),
  'night-journal': () => ({
    wall: 'ember',
    table: 'sand',
    shadows: [[630, 906, 300, 40]],
    flat: at(
      path('M120 270L150 420L176 396L206 424L176 270Z', ink.terracotta) +
        book(
          ink.indigo,
          path('M20 -130A130 130 0 1 0 128 62A108 108 0 0 1 20 -130Z', ink.saffron) +
            path(star(100, -90, 38), ink.paper) +
            path(star(140, 0, 18), ink.paper) +
            rect(-140, -262, 322, 524, 'none', {
              rx: 6,
              stroke: ink.saffron,
              'stroke-width': 4,
              opacity: 0.7,
            }),
        ),
      590,
      600,
      -5,
    ),
    shape: bookShape(590, 600, -5),
  }),
  'year-and-a-day': () => {
    const page = (side: number) =>
      path(
        `M0 -270Q${side * 160} -320 ${side * 400} -270V300Q${side * 160} 250 0 300Z`,
        side < 0 ? ink.paper : ink.cream,
      );
    const boxes = repeat(2, (s) =>
      repeat(4, (r) =>
        repeat(
          4,
          (c) =>
            rect((s ? 50 : -358) + c * 80, -216 + r * 112 + (s ? -c * 0 : 0), 62, 82, 'none', {
              rx: 6,
              stroke: (r + c) % 5 === 0 ? ink.terracotta : ink.dusk,
              'stroke-width': 4,
              opacity: 0.75,
            }) +
            ((r * 4 + c + s) % 3 === 0
              ? path(
                  moon((s ? 81 : -327) + c * 80, -178 + r * 112, 17, ((r * 4 + c) % 8) / 8 + 0.06),
                  ink.ember,
                )
              : lines((s ? 60 : -348) + c * 80, -196 + r * 112, 2, 40, 18, ink.night)),
        ),
      ),
    );
    return {
      wall: 'teal',
      table: 'sage',
      shadows: [[600, 910, 470, 54]],
      flat: at(
        rect(-424, -266, 848, 590, ink.terracotta, { rx: 12 }) +
          page(-1) +
          page(1) +
          boxes +
          stroke('M0 -270V300', darker(ink.cream, 0.3), 5) +
          at(pencil(330), 30, 250, -28),
        600,
        590,
        -3,
      ),
      shape: at(
        path('M-400 -270Q-160 -320 0 -270Q160 -320 400 -270V300Q160 250 0 300Q-160 250 -400 300Z', '#000'),
        600,
        590,
        -3,
      ),
    };
  },
  'letters-unsent': () => ({
    wall: 'moss',
    table: 'sage',
    shadows: [[600, 930, 410, 50]],
    flat:
      at(sheetOf(ink.paper, lines(-180, -250, 8, 360, 46, ink.dusk)), 700, 500, 9) +
      at(
        rect(-330, -210, 660, 420, ink.cream, { rx: 10 }) +
          path('M-326 206L0 -30L326 206Z', lighter(ink.cream, 0.3)) +
          path('M-330 -206L0 60L330 -206Z', mix(ink.cream, ink.sand, 0.5)) +
          circle(0, 50, 62, ink.terracotta) +
          circle(4, 46, 45, lighter(ink.terracotta, 0.12)) +
          path(moon(4, 46, 28, 0.13), ink.rose),
        530,
        720,
        -6,
      ) +
      at(
        rect(0, -14, 270, 28, ink.indigo, { rx: 13 }) +
          rect(190, -16, 26, 32, ink.saffron) +
          path('M270 -13L340 0L270 13Z', ink.ember),
        650,
        960,
        -24,
      ),
    shape:
      at(rect(-330, -210, 660, 420, '#000', { rx: 10 }), 530, 720, -6) +
      at(rect(-230, -320, 460, 640, '#000'), 700, 500, 9),
  }),
  'clear-quartz-point': () => ({
    wall: 'plum',
    table: 'rose',
    shadows: [[600, 970, 220, 40]],
    flat:
      path('M600 190L760 400L730 930L600 980L470 930L440 400Z', ink.mist) +
      path('M600 190L560 430L440 400Z', ink.paper) +
      path('M600 190L560 430L680 440L760 400Z', mix(ink.mist, ink.paper, 0.55)) +
      path('M440 400L560 430L550 960L470 930Z', mix(ink.mist, ink.dusk, 0.3)) +
      path('M560 430L680 440L660 956L600 980L550 960Z', mix(ink.mist, ink.paper, 0.35)) +
      path('M680 440L760 400L730 930L660 956Z', ink.dusk) +
      path('M590 500L620 504L610 800L586 860Z', ink.paper, { opacity: 0.7 }) +
      path('M480 700L540 660L536 760Z', ink.blush, { opacity: 0.8 }) +
      path(star(840, 330, 46), ink.paper) +
      path(star(350, 560, 30), ink.paper) +
      path(star(880, 620, 22), ink.saffron),
    shape: path('M600 190L760 400L730 930L600 980L470 930L440 400Z', '#000'),
  }),
  'rose-quartz-palm-stone': () => ({
    wall: 'cream',
    table: 'sage',
    shadows: [[600, 930, 400, 52]],
    flat:
      ellipse(600, 850, 380, 120, ink.teal) +
      ellipse(600, 826, 380, 120, lighter(ink.teal, 0.2)) +
      ellipse(600, 826, 310, 88, ink.teal) +
      path(
        smooth(
          [
            [350, 700],
            [420, 540],
            [600, 480],
            [790, 540],
            [850, 690],
            [780, 830],
            [600, 876],
            [420, 836],
          ],
          true,
        ),
        ink.rose,
      ) +
      path('M430 640Q500 530 640 530', 'none', {
        stroke: ink.paper,
        'stroke-width': 20,
        'stroke-linecap': 'round',
        opacity: 0.8,
      }) +
      stroke('M470 780Q620 700 800 740M560 830Q640 770 760 800', lighter(ink.rose, 0.45), 8, {
        opacity: 0.7,
      }),
    shape: path(
      smooth(
        [
          [350, 700],
          [420, 540],
          [600, 480],
          [790, 540],
          [850, 690],
          [780, 830],
          [600, 876],
          [420, 836],
        ],
        true,
      ),
      '#000',
    ),
  }),
  'brass-pendulum': () => ({
    wall: 'dusk',
    table: 'paper',
    shadows: [[600, 960, 70, 16]],
    flat:
      at(
        ring(0, 0, 330, ink.night, 5) +
          ring(0, 0, 230, ink.night, 3) +
          repeat(12, (i) => stroke('M0 -330V-300', ink.night, 5, { transform: `rotate(${i * 30})` })) +
          stroke('M-330 0H330M0 -330V330', ink.night, 3),
        600,
        960,
      ).replace('scale(1)', 'scale(1 .24)') +
      repeat(26, (i) => circle(600 + Math.sin(i / 5) * 5, 20 + i * 19, 6.5, ink.saffron)) +
      circle(600, 524, 26, ink.ember) +
      path('M536 560H664L672 620Q664 700 600 910Q536 700 528 620Z', ink.ember) +
      path('M536 560H590L584 620Q580 720 600 910Q536 700 528 620Z', ink.saffron) +
      rect(526, 596, 148, 24, darker(ink.ember, 0.2), { rx: 9 }),
    shape: path('M536 560H664L672 620Q664 700 600 910Q536 700 528 620Z', '#000'),
  }),
  'tea-for-a-long-evening': () => ({
    wall: 'terracotta',
    table: 'blush',
    shadows: [
      [460, 950, 240, 40],
      [860, 960, 200, 36],
    ],
    flat:
      path('M270 470H630V920Q450 980 270 920Z', ink.sage) +
      path('M260 400H640V490Q450 540 260 490Z', ink.moss) +
      ellipse(450, 400, 190, 46, lighter(ink.moss, 0.2)) +
      path('M270 600Q450 650 630 600V830Q450 880 270 830Z', ink.paper) +
      at(
        repeat(3, (i) =>
          path('M0 0Q-46 -70 0 -150Q46 -70 0 0Z', [ink.moss, ink.sage, ink.moss][i] as string, {
            transform: `rotate(${-52 + i * 52})`,
          }),
        ) + circle(52, -10, 26, ink.ember),
        446,
        800,
      ) +
      path('M700 720H1010Q1010 920 856 930Q702 920 700 720Z', ink.indigo) +
      ellipse(855, 720, 155, 38, lighter(ink.indigo, 0.2)) +
      ellipse(855, 726, 132, 27, ink.ember) +
      path('M1000 750q80 -10 66 60q-14 54 -90 50', 'none', { stroke: ink.indigo, 'stroke-width': 24 }) +
      repeat(3, (i) => stroke(`M${790 + i * 64} 670q-34 -46 0 -84t0 -84`, ink.paper, 13, { opacity: 0.75 })),
    shape:
      path('M270 400H630V920Q450 980 270 920Z', '#000') +
      path('M700 720H1010Q1010 920 856 930Q702 920 700 720Z', '#000'),
  }),
  'arriving-meditation': () => ({
    wall: 'blush',
    table: 'sand',
    shadows: [[600, 960, 440, 46]],
    flat:
      at(
        disc(
          ink.dusk,
          path('M-100 20Q-50 -24 0 20T100 20A110 110 0 0 1 -100 20Z', ink.teal) +
            circle(0, -40, 30, ink.saffron),
        ),
        740,
        600,
      ) +
      rect(170, 280, 600, 640, ink.teal, { rx: 8 }) +
      circle(470, 520, 150, ink.saffron) +
      repeat(6, (i) =>
        path(`${wave(600 + i * 54, 15, 60, 170, 770)}V920H170Z`, mix(ink.dusk, ink.indigo, i / 6)),
      ) +
      repeat(6, (i) => stroke(wave(600 + i * 54, 15, 60, 170, 770), ink.mist, 5, { opacity: 0.8 })),
    shape: rect(170, 280, 600, 640, '#000', { rx: 8 }) + circle(740, 600, 300, '#000'),
  }),
  'setting-down-the-day': () => ({
    wall: 'plum',
    table: 'night',
    flat:
      circle(600, 560, 300, ink.terracotta) +
      circle(600, 560, 230, ink.ember) +
      circle(600, 560, 160, ink.saffron) +
      rect(0, 760, 1200, 440, ink.night) +
      repeat(19, (i) => {
        const h = 46 + Math.abs(Math.sin(i * 1.7) * 180) + (9 - Math.abs(9 - i)) * 20;
        return rect(150 + i * 49, 760 - h / 2, 27, h, i % 3 ? ink.paper : ink.blush, { rx: 14 });
      }),
    shape: rect(0, 0, 1200, 1200, '#000'),
  }),
  'eight-walks-under-the-moon': () => ({
    wall: 'indigo',
    table: 'teal',
    shadows: [[600, 1000, 330, 40]],
    flat:
      repeat(7, (i) => {
        const a = ((-160 + i * 23.3) * Math.PI) / 180;
        const [x, y] = [600 + Math.cos(a) * 500, 660 + Math.sin(a) * 500];
        return circle(x, y, 46, ink.night) + path(moon(x, y, 46, 0.12 + i * 0.127), ink.paper);
      }) +
      circle(600, 680, 230, ink.cream) +
      circle(530, 620, 44, ink.sand) +
      circle(680, 720, 60, ink.sand) +
      circle(560, 790, 28, ink.sand) +
      path('M330 700A270 290 0 0 1 870 700', 'none', { stroke: ink.terracotta, 'stroke-width': 40 }) +
      rect(270, 640, 120, 230, ink.ember, { rx: 56 }) +
      rect(810, 640, 120, 230, ink.ember, { rx: 56 }) +
      rect(340, 660, 60, 190, ink.bark, { rx: 26 }) +
      rect(800, 660, 60, 190, ink.bark, { rx: 26 }) +
      stroke('M330 870q0 130 130 110t160 60', ink.terracotta, 11),
    shape:
      circle(600, 680, 230, '#000') +
      rect(270, 640, 120, 230, '#000', { rx: 56 }) +
      rect(810, 640, 120, 230, '#000', { rx: 56 }),
  }),
  'songs-for-sitting-still': () => ({
    wall: 'saffron',
    table: 'ember',
    shadows: [[600, 1010, 470, 40]],
    flat:
      rect(150, 220, 900, 780, ink.bark, { rx: 36 }) +
      rect(150, 200, 900, 770, lighter(ink.bark, 0.1), { rx: 36 }) +
      at(
        disc(
          ink.terracotta,
          path('M-60 -10Q-20 -60 20 -10T90 -20', 'none', { stroke: ink.paper, 'stroke-width': 9 }) +
            repeat(5, (i) => stroke(`M${-56 + i * 28} 34l-10 26`, ink.mist, 5)),
        ),
        510,
        590,
        0,
        1.05,
      ) +
      circle(930, 330, 66, ink.sand) +
      circle(930, 330, 34, ink.bark) +
      stroke('M930 330L944 640L790 770', ink.paper, 19) +
      at(rect(-44, -26, 88, 52, ink.paper, { rx: 8 }), 776, 782, -42) +
      circle(930, 880, 34, ink.saffron) +
      circle(840, 890, 20, ink.sand),
    shape: rect(150, 200, 900, 770, '#000', { rx: 36 }),
  }),
  'how-to-choose-a-reader-ebook': () => ({
    wall: 'sage',
    table: 'moss',
    shadows: [[640, 912, 300, 40]],
    flat: at(
      book(
        ink.terracotta,
        circle(16, -70, 82, ink.saffron) +
          path('M-30 -20L-70 170H102L62 -20Z', ink.saffron) +
          circle(16, -70, 34, ink.night) +
          path('M0 -60L-20 80H52L32 -60Z', ink.night) +
          repeat(16, (i) => path(star(16, -200, 9), ink.paper, { transform: `rotate(${i * 22.5} 16 -20)` })),
        ink.paper,
      ),
      580,
      600,
      4,
    ),
    shape: bookShape(580, 600, 4),
  }),
  'navigators-stars': () => {
    const p: Point[] = [
      [-120, 150],
      [-60, 30],
      [30, 60],
      [80, -60],
      [20, -170],
      [150, -200],
    ];
    return {
      wall: 'sand',
      table: 'ember',
      shadows: [[600, 952, 380, 40]],
      flat:
        at(
          rect(-330, -70, 660, 124, ink.terracotta, { rx: 8 }) +
            rect(-330, -50, 640, 84, ink.cream, { rx: 4 }) +
            lines(-330, -34, 4, 636, 18, ink.bark) +
            path('M-330 -70H-250V54H-330Z', ink.terracotta),
          600,
          880,
        ) +
        at(
          book(
            ink.night,
            circle(0, 0, 178, 'none', { stroke: ink.dusk, 'stroke-width': 3 }) +
              stroke(`M${p.map((q) => q.join(' ')).join('L')}`, ink.saffron, 4) +
              p.map(([x, y], i) => path(star(x, y, i % 2 ? 22 : 34), ink.paper)).join('') +
              repeat(30, (i) => circle(-150 + ((i * 97) % 330), -260 + ((i * 71) % 520), 3, ink.mist)),
          ),
          600,
          506,
          -8,
          0.98,
        ),
      shape:
        at(path('M-210 -290H210L258 -262V300L210 290H-210Z', '#000'), 600, 506, -8, 0.98) +
        rect(270, 810, 660, 124, '#000'),
    };
  },
  'dream-is-a-letter': () => ({
    wall: 'indigo',
    table: 'dusk',
    shadows: [[600, 1000, 440, 50]],
    flat:
      path('M600 880Q400 400 640 250T520 30', 'none', {
        stroke: ink.saffron,
        'stroke-width': 5,
        'stroke-dasharray': '2 20',
        'stroke-linecap': 'round',
      }) +
      at(
        rect(-380, -40, 760, 180, ink.terracotta, { rx: 14 }) +
          path('M0 90Q-180 0 -370 60V-110Q-180 -170 0 -80Q180 -170 370 -110V60Q180 0 0 90Z', ink.paper) +
          stroke('M0 -80V90', ink.sand, 6) +
          repeat(4, (i) =>
            stroke(
              `M-330 ${-84 + i * 34}Q-190 ${-126 + i * 34} -50 ${-64 + i * 34}M330 ${-84 + i * 34}Q190 ${-126 + i * 34} 50 ${-64 + i * 34}`,
              ink.dusk,
              5,
              { opacity: 0.5 },
            ),
          ),
        600,
        880,
      ) +
      at(
        rect(-150, -100, 300, 200, ink.cream, { rx: 8 }) +
          path('M-150 -98L0 26L150 -98Z', ink.sand) +
          circle(0, 24, 30, ink.terracotta),
        640,
        440,
        -14,
      ) +
      [
        [340, 300, 40],
        [880, 240, 50],
        [460, 180, 26],
        [820, 560, 30],
        [380, 560, 34],
        [960, 420, 20],
      ]
        .map(([x = 0, y = 0, r = 0]) => path(star(x, y, r), ink.saffron))
        .join(''),
    shape:
      at(rect(-150, -100, 300, 200, '#000', { rx: 8 }), 640, 440, -14) + rect(220, 760, 760, 260, '#000'),
  }),
  'tarot-from-the-pictures': () => ({
    wall: 'teal',
    table: 'moss',
    shadows: [[600, 990, 440, 44]],
    flat:
      rect(150, 260, 900, 600, ink.night, { rx: 32 }) +
      rect(184, 294, 832, 532, ink.cream, { rx: 12 }) +
      path('M270 530Q600 250 930 530Q600 790 270 530Z', ink.paper, {
        stroke: ink.terracotta,
        'stroke-width': 12,
      }) +
      repeat(9, (i) =>
        at(
          rect(-22, -190, 44, 74, i % 2 ? ink.terracotta : ink.ember, { rx: 7 }),
          600,
          560,
          -64 + i * 16,
          1.24,
        ),
      ) +
      circle(600, 524, 112, ink.teal) +
      circle(600, 524, 52, ink.night) +
      circle(636, 488, 20, ink.paper) +
      stroke('M150 900H1050', ink.bark, 26) +
      repeat(5, (i) =>
        at(
          card(
            [ink.paper, ink.rose, ink.saffron, ink.mist, ink.terracotta][i] as string,
            ink.night,
            path(star(0, 0, 60, 4 + i, 0.4), ink.night),
          ),
          250 + i * 176,
          1010,
          -8 + i * 4,
          0.66,
        ),
      ),
    shape: rect(150, 260, 900, 600, '#000', { rx: 32 }) + rect(170, 900, 860, 230, '#000'),
  }),
  'birth-chart-slowly': () => ({
    wall: 'cream',
    table: 'sand',
    shadows: [[600, 1020, 400, 36]],
    flat:
      circle(600, 590, 430, ink.indigo) +
      circle(600, 590, 400, ink.paper) +
      circle(600, 590, 320, mix(ink.indigo, ink.dusk, 0.25)) +
      repeat(
        12,
        (i) =>
          stroke('M600 190V380', i % 3 ? ink.dusk : ink.terracotta, i % 3 ? 4 : 8, {
            transform: `rotate(${i * 30} 600 590)`,
          }) +
          circle(
            600,
            230,
            i % 2 ? 14 : 20,
            [ink.terracotta, ink.ember, ink.sage, ink.dusk][i % 4] as string,
            { transform: `rotate(${i * 30 + 15} 600 590)` },
          ),
      ) +
      circle(600, 590, 210, ink.paper) +
      stroke('M410 500L760 720L640 386L480 760L800 540Z', ink.rose, 5) +
      [
        [20, ink.saffron],
        [75, ink.terracotta],
        [118, ink.mist],
        [190, ink.rose],
        [236, ink.sage],
        [300, ink.paper],
        [338, ink.ember],
      ]
        .map(([a, c], i) =>
          circle(600, 330, 17 + (i % 3) * 6, c as string, { transform: `rotate(${a} 600 590)` }),
        )
        .join('') +
      at(sun(42, ink.ember), 600, 590),
    shape: circle(600, 590, 430, '#000'),
  }),
  'coins-and-changes': () => ({
    wall: 'mist',
    table: 'paper',
    flat:
      circle(600, 470, 250, ink.terracotta) +
      path('M0 860L330 520L470 660L650 400L960 780L1200 640V1200H0Z', ink.dusk) +
      path('M650 400L560 530L640 580L700 540L760 600L800 584Z', ink.paper) +
      path('M0 960Q300 820 600 930T1200 880V1200H0Z', ink.indigo) +
      repeat(3, (i) =>
        stroke(`M${80 + i * 120} ${800 + i * 40}h${420 - i * 60}`, ink.paper, 17, { opacity: 0.55 }),
      ) +
      at(hexagram([0, 1, 0, 0, 1, 1], 320, ink.night), 600, 330, 0, 0.9) +
      [
        [420, 1050],
        [600, 1080],
        [780, 1040],
      ]
        .map(
          ([x = 0, y = 0]) =>
            circle(x, y + 8, 62, darker(ink.ember, 0.4)) +
            circle(x, y, 62, ink.ember) +
            rect(x - 18, y - 18, 36, 36, ink.indigo),
        )
        .join(''),
    shape: path('M0 860L330 520L470 660L650 400L960 780L1200 640V1200H0Z', '#000'),
  }),
  'nine-spreads': () => {
    const slot = (x: number, y: number, colour: string) =>
      rect(x - 42, y - 66, 84, 132, 'none', {
        rx: 9,
        stroke: colour,
        'stroke-width': 6,
        'stroke-dasharray': '13 9',
      }) + circle(x, y, 10, colour);
    return {
      wall: 'rose',
      table: 'terracotta',
      shadows: [[620, 960, 380, 50]],
      flat:
        at(sheetOf(ink.cream, slot(0, 0, ink.dusk)), 420, 570, -15, 1.05) +
        at(sheetOf(ink.blush, slot(-80, -100, ink.plum) + slot(80, 100, ink.plum)), 780, 570, 13, 1.05) +
        at(
          sheetOf(
            ink.paper,
            slot(0, -180, ink.terracotta) +
              slot(-130, 0, ink.terracotta) +
              slot(0, 0, ink.ember) +
              slot(130, 0, ink.terracotta) +
              slot(0, 180, ink.terracotta) +
              lines(-190, 280, 1, 640, 30, ink.night),
          ),
          600,
          600,
          -1,
          1.1,
        ),
      shape:
        at(rect(-230, -320, 460, 640, '#000'), 420, 570, -15, 1.05) +
        at(rect(-230, -320, 460, 640, '#000'), 780, 570, 13, 1.05) +
        at(rect(-230, -320, 460, 640, '#000'), 600, 600, -1, 1.1),
    };
  },
  'moon-calendar-2027': () => ({
    wall: 'paper',
    table: 'cream',
    shadows: [[600, 1060, 340, 26]],
    flat:
      rect(250, 140, 700, 910, ink.night, { rx: 6 }) +
      rect(230, 116, 740, 34, ink.bark, { rx: 15 }) +
      rect(230, 1036, 740, 34, ink.bark, { rx: 15 }) +
      stroke('M300 120L600 20L900 120', ink.bark, 7) +
      repeat(12, (r) =>
        repeat(14, (c) => {
          const [x, y] = [306 + c * 45.3, 226 + r * 66];
          return (
            circle(x, y, 16, ink.indigo) +
            path(
              moon(x, y, 16, ((c / 14 + r * 0.09) % 1) * 0.98 + 0.01),
              (r + c) % 11 ? ink.cream : ink.saffron,
            )
          );
        }),
      ),
    shape: rect(250, 140, 700, 910, '#000'),
  }),
  'morning-pages-for-dreams': () => ({
    wall: 'dusk',
    table: 'mist',
    shadows: [[610, 950, 340, 46]],
    flat:
      at(sheetOf(ink.sand, ''), 630, 610, 7, 1.1) +
      at(sheetOf(ink.cream, ''), 612, 604, 3, 1.1) +
      at(
        sheetOf(
          ink.paper,
          rect(-190, -280, 380, 250, ink.mist, { rx: 8 }) +
            circle(100, -190, 42, ink.saffron) +
            path('M-190 -60Q-60 -150 60 -90T190 -100V-30H-190Z', ink.sage) +
            path('M-70 -170L-20 -216L30 -170V-106H-70Z', ink.paper) +
            path('M-86 -164L-20 -230L46 -164Z', ink.terracotta) +
            rect(-34, -142, 28, 36, ink.ember) +
            lines(-190, 30, 6, 380, 44, ink.dusk),
        ),
        590,
        596,
        -2,
        1.1,
      ) +
      at(pencil(260), 720, 960, -30),
    shape: at(rect(-230, -320, 460, 640, '#000'), 590, 596, -2, 1.1),
  }),
  'number-worksheets': () => ({
    wall: 'saffron',
    table: 'sand',
    shadows: [[610, 950, 350, 46]],
    flat:
      at(sheetOf(ink.cream, ''), 630, 606, 6, 1.1) +
      at(
        sheetOf(
          ink.paper,
          repeat(25, (i) => {
            const [c, r] = [i % 5, Math.floor(i / 5)];
            const v = ((c + 1) * (r + 2)) % 9 || 9;
            return (
              rect(-186 + c * 75, -270 + r * 75, 70, 70, 'none', {
                stroke: ink.mist,
                'stroke-width': 4,
                rx: 6,
              }) +
              circle(
                -151 + c * 75,
                -235 + r * 75,
                6 + v * 2.8,
                [ink.terracotta, ink.teal, ink.ember, ink.dusk, ink.rose][v % 5] as string,
              )
            );
          }) + lines(-186, 150, 4, 370, 42, ink.night),
        ),
        590,
        596,
        -3,
        1.1,
      ) +
      at(pencil(280), 690, 980, -34),
    shape: at(rect(-230, -320, 460, 640, '#000'), 590, 596, -3, 1.1),
  }),
};

/** A product's picture, 1200 × 1200. */
export function product(handle: string): Scene {
  const scene = newScene(1200, 1200);
  const make = things[handle];
  if (!make) throw new Error(`nobody has said what the product ${handle} looks like`);
  const { wall, table, shadows = [], flat, shape, top = '' } = make(scene);
  const random = seeded(handle);
  const [back, ground] = [ink[wall], ink[table]];
  const horizon = 800 + random() * 60;
  const inside = scene.clip(shape);
  const bench = shadows.length
    ? path(`M0 ${horizon}Q600 ${horizon - 30 + random() * 40} 1200 ${horizon}V1200H0Z`, ground)
    : '';
  const deep = darker(back, 0.6);
  scene.flat(rect(0, 0, 1200, 1200, back), circle(600, 540, 440, lighter(back, 0.16)), bench);
  scene.grain(
    rect(0, 0, 1200, 1200, scene.radial(600, 520, 900, [0.45, deep, 0], [1, deep, 0.42])),
    ...shadows.map(([x, y, rx, ry]) =>
      ellipse(x + 30, y + 6, rx * 1.12, ry * 1.2, darker(ground, 0.75), { opacity: 0.5 }),
    ),
  );
  scene.flat(flat);
  scene.grain(
    group(
      rect(
        0,
        0,
        1200,
        1200,
        scene.linear([330, 260], [930, 1010], [0.35, ink.night, 0], [1, ink.night, 0.48]),
      ) + circle(400, 360, 380, scene.radial(400, 360, 380, [0, '#fff3df', 0.3], [1, '#fff3df', 0])),
      { 'clip-path': inside },
    ),
  );
  if (top) scene.flat(top);
  return scene;
}
