import {
  arc,
  circle,
  ellipse,
  group,
  type Point,
  path,
  type Random,
  rect,
  repeat,
  round,
  smooth,
  stroke,
} from './draw.ts';
import type { Look } from './looks.ts';
import { darker, ink, lighter } from './palette.ts';

/** Hair in two parts, in the head's own coordinates (eyes at 0, chin near 200, crown near -205). */
export interface HairParts {
  /** Behind neck and shoulders. */
  back: string;
  /** Over the face; `shape` is its outline, for shading. */
  front: string;
  shape: string;
  hidesEars: boolean;
}

const mirrored = (points: Point[]): Point[] => points.map(([x, y]): Point => [-x, y]).reverse();
const both = (left: Point[]) => [...left, ...mirrored(left)];
/** Between an outer and an inner line, both given from left to right. */
const band = (outer: Point[], inner: Point[]) =>
  `${smooth(outer)}${smooth([...inner].reverse()).replace('M', 'L')}Z`;
/** Lines that lie evenly between two others. */
const between = (from: Point[], to: Point[], count: number) =>
  Array.from({ length: count }, (_, at) => {
    const share = (at + 1) / (count + 1);
    return smooth(
      from.map(([x, y], index): Point => {
        const [x2, y2] = to[index] as Point;
        return [x + (x2 - x) * share, y + (y2 - y) * share];
      }),
    );
  });

export function hair(look: Look, w: number, random: Random): HairParts {
  const colour = look.hairColour;
  const deep = darker(colour, 0.3);
  const shine = lighter(colour, 0.22);
  const cloth = ink[look.cloth ?? 'terracotta'];
  const lines = (from: Point[], to: Point[], count: number, tone = shine, width = 3) =>
    between(from, to, count)
      .map((d) => stroke(d, tone, width, { opacity: 0.55 }))
      .join('');
  /** The skull's outline, grown by `v`, from the left side at `y` over the crown to the right. */
  const skull = (v: number, y: number, y2 = y): Point[] => [
    [-w - v * 0.7, y],
    [-w - v * 0.9, -70],
    [-w * 0.86 - v * 0.6, -152 - v * 0.4],
    [-w * 0.42, -203 - v * 0.85],
    [8, -214 - v],
    [w * 0.48, -202 - v * 0.85],
    [w * 0.88 + v * 0.6, -150 - v * 0.4],
    [w + v * 0.9, -70],
    [w + v * 0.7, y2],
  ];
  const make = (back: string, d: string, extra = '', hidesEars = false): HairParts => ({
    back,
    front: path(d, colour) + extra,
    shape: path(d, '#000'),
    hidesEars,
  });
  const tuft = (x: number, y: number, r: number) => circle(x, y, r, colour);

  switch (look.hair) {
    case 'long-centre': {
      const back = smooth(
        both([
          [-90, -190],
          [-178, -90],
          [-190, 60],
          [-214, 190],
          [-236, 330],
          [-210, 440],
          [-90, 470],
        ]),
        true,
      );
      const left: Point[] = [
        [0, -232],
        [-92, -214],
        [-160, -130],
        [-170, 0],
        [-176, 120],
        [-214, 260],
        [-220, 400],
      ];
      const leftInner: Point[] = [
        [0, -176],
        [-54, -150],
        [-112, -80],
        [-130, 10],
        [-136, 110],
        [-150, 240],
        [-130, 400],
      ];
      const d = band(left, leftInner) + band(mirrored(left).reverse(), mirrored(leftInner).reverse());
      const strands = lines(left, leftInner, 4) + lines(mirrored(left), mirrored(leftInner), 4);
      const flower = group(
        repeat(5, (at) =>
          ellipse(0, -30, 21, 31, at % 2 ? ink.rose : lighter(ink.rose, 0.25), {
            transform: `rotate(${at * 72})`,
          }),
        ) + circle(0, 0, 13, ink.saffron),
        { transform: 'translate(-142 -52) rotate(12) scale(1.15)' },
      );
      return make(path(back, deep), d, strands + flower, true);
    }
    case 'long-wavy': {
      const back = smooth(
        [
          [-60, -200],
          [-170, -130],
          [-196, -20],
          [-186, 60],
          [-220, 140],
          [-204, 220],
          [-240, 310],
          [-200, 420],
          [0, 440],
          [210, 420],
          [236, 300],
          [200, 220],
          [216, 130],
          [186, 60],
          [196, -30],
          [168, -130],
          [60, -205],
        ],
        true,
      );
      const left: Point[] = [
        [40, -236],
        [-70, -232],
        [-162, -150],
        [-182, -40],
        [-172, 50],
        [-208, 140],
        [-190, 230],
        [-218, 340],
      ];
      const leftIn: Point[] = [
        [40, -178],
        [-40, -140],
        [-108, -84],
        [-138, -10],
        [-128, 70],
        [-152, 140],
        [-138, 230],
        [-200, 360],
      ];
      const right: Point[] = [
        [40, -236],
        [120, -200],
        [172, -120],
        [184, -20],
        [170, 60],
        [204, 150],
        [188, 240],
        [214, 340],
      ];
      const rightIn: Point[] = [
        [40, -178],
        [84, -130],
        [124, -80],
        [138, 0],
        [126, 80],
        [150, 150],
        [136, 240],
        [196, 360],
      ];
      return make(
        path(back, deep),
        band(left, leftIn) + band(right, rightIn),
        lines(left, leftIn, 5, lighter(colour, 0.5)) + lines(right, rightIn, 4, darker(colour, 0.25)),
        true,
      );
    }
    case 'long-side': {
      const back = smooth(
        [
          [-80, -205],
          [-176, -110],
          [-184, 40],
          [-150, 160],
          [60, 240],
          [180, 120],
          [186, -60],
          [120, -190],
        ],
        true,
      );
      const right: Point[] = [
        [-46, -236],
        [70, -238],
        [166, -150],
        [186, -10],
        [176, 130],
        [214, 280],
        [176, 430],
        [120, 520],
      ];
      const rightIn: Point[] = [
        [-46, -178],
        [30, -140],
        [104, -92],
        [138, 0],
        [118, 130],
        [96, 260],
        [58, 380],
        [60, 470],
      ];
      const left: Point[] = [
        [-46, -236],
        [-126, -196],
        [-170, -110],
        [-176, 10],
        [-158, 120],
      ];
      const leftIn: Point[] = [
        [-46, -178],
        [-92, -128],
        [-126, -70],
        [-138, 20],
        [-140, 110],
      ];
      return make(
        path(back, deep),
        band(right, rightIn) + band(left, leftIn),
        lines(right, rightIn, 6) + lines(left, leftIn, 3),
        true,
      );
    }
    case 'bob-fringe': {
      const back = smooth(
        both([
          [-100, -200],
          [-186, -80],
          [-196, 60],
          [-190, 150],
          [-90, 176],
        ]),
        true,
      );
      const outer = [
        ...both([
          [-150, 168],
          [-196, 110],
          [-194, -20],
          [-166, -150],
          [-80, -232],
        ]),
      ];
      const inner = both([
        [-118, 160],
        [-134, 90],
        [-140, 0],
        [-132, -44],
        [-70, -52],
        [-10, -50],
      ]);
      const fringe = repeat(7, (at) =>
        stroke(
          `M${-90 + at * 30} ${-58 - (3 - Math.abs(3 - at)) * 1.5}Q${-80 + at * 27} -130 ${-40 + at * 14} -200`,
          shine,
          3,
          { opacity: 0.5 },
        ),
      );
      return make(path(back, deep), band(outer, inner), fringe, true);
    }
    case 'bob-sleek': {
      const back = smooth(
        both([
          [-100, -200],
          [-178, -80],
          [-184, 60],
          [-178, 142],
          [-80, 150],
        ]),
        true,
      );
      const left: Point[] = [
        [-28, -228],
        [-110, -205],
        [-168, -120],
        [-180, 0],
        [-184, 90],
        [-186, 164],
      ];
      const leftIn: Point[] = [
        [-28, -170],
        [-80, -140],
        [-124, -70],
        [-134, 10],
        [-128, 90],
        [-96, 172],
      ];
      const right: Point[] = [
        [-28, -228],
        [96, -215],
        [168, -124],
        [180, 0],
        [184, 90],
        [186, 164],
      ];
      const rightIn: Point[] = [
        [-28, -170],
        [56, -150],
        [120, -78],
        [134, 10],
        [128, 90],
        [96, 172],
      ];
      return make(
        path(back, deep),
        band(left, leftIn) + band(right, rightIn),
        lines(left, leftIn, 3, lighter(colour, 0.3)) + lines(right, rightIn, 4, lighter(colour, 0.3)),
        true,
      );
    }
    case 'bob-side': {
      const back = smooth(
        both([
          [-90, -200],
          [-180, -90],
          [-196, 30],
          [-180, 110],
          [-80, 120],
        ]),
        true,
      );
      const right: Point[] = [
        [-70, -222],
        [40, -258],
        [150, -190],
        [192, -60],
        [196, 50],
        [150, 128],
      ];
      const rightIn: Point[] = [
        [-70, -170],
        [10, -112],
        [92, -74],
        [134, -14],
        [132, 60],
        [118, 118],
      ];
      const left: Point[] = [
        [-70, -222],
        [-136, -180],
        [-184, -80],
        [-196, 30],
        [-156, 120],
      ];
      const leftIn: Point[] = [
        [-70, -170],
        [-104, -110],
        [-132, -50],
        [-136, 30],
        [-122, 108],
      ];
      return make(
        path(back, darker(colour, 0.22)),
        band(right, rightIn) + band(left, leftIn),
        lines(right, rightIn, 6, darker(colour, 0.25)) + lines(left, leftIn, 3, darker(colour, 0.25)),
        true,
      );
    }
    case 'curly': {
      const spots: Point[] = [...arc(0, -30, 196, 206, 158, 382, 15), ...arc(0, -50, 140, 160, 190, 350, 9)];
      const back =
        spots.map(([x, y]) => circle(x, y + 18, 62 + random() * 16, deep)).join('') +
        ellipse(0, -20, 190, 200, deep);
      const crown = [
        ...arc(0, -70, 168, 142, 176, 364, 13),
        ...arc(0, -96, 118, 104, 186, 354, 9),
        ...arc(0, -120, 60, 70, 190, 350, 5),
      ];
      const front = crown.map(([x, y]) => tuft(x, y, 33 + random() * 15)).join('');
      const curls = crown
        .filter((_, at) => at % 2 === 0)
        .map(([x, y]) =>
          stroke(
            `M${round(x - 16)} ${round(y + 8)}a17 17 0 1 1 26 8`,
            look.age > 0.6 ? darker(colour, 0.3) : shine,
            3.5,
            { opacity: 0.55 },
          ),
        )
        .join('');
      return { back, front: front + curls, shape: front, hidesEars: true };
    }
    case 'curls-short': {
      const spots = [
        ...arc(0, -56, 160, 150, 168, 372, 13),
        ...arc(0, -92, 112, 104, 188, 352, 8),
        ...arc(0, -120, 58, 66, 190, 350, 5),
      ];
      const front = spots.map(([x, y]) => tuft(x, y, 30 + random() * 12)).join('');
      const curls = spots
        .map(([x, y]) =>
          stroke(`M${round(x - 14)} ${round(y + 10)}a16 16 0 1 1 24 6`, darker(colour, 0.28), 3.5, {
            opacity: 0.5,
          }),
        )
        .join('');
      return {
        back: ellipse(0, -50, 172, 168, darker(colour, 0.25)),
        front: front + curls,
        shape: front,
        hidesEars: false,
      };
    }
    case 'afro-short': {
      const d = band(
        skull(20, -18),
        both([
          [-w + 4, -16],
          [-w + 10, -78],
          [-92, -126],
          [-30, -140],
        ]),
      );
      return make('', d);
    }
    case 'braids-up': {
      const bun = smooth(
        both([
          [-30, -372],
          [-104, -340],
          [-116, -270],
          [-70, -206],
        ]),
        true,
      );
      const coils = repeat(5, (at) =>
        stroke(
          `M${-92 + at * 10} ${-226 - at * 27}Q0 ${-262 - at * 30} ${96 - at * 10} ${-236 - at * 27}`,
          shine,
          5,
          { opacity: 0.6 },
        ),
      );
      const d = band(
        skull(10, -16),
        both([
          [-w + 6, -16],
          [-w + 10, -80],
          [-92, -128],
          [-30, -146],
        ]),
      );
      const rows = repeat(9, (at) => {
        const x = -112 + at * 28;
        return stroke(
          `M${x} ${-128 - (112 - Math.abs(x)) * 0.18 + Math.abs(x) * 0.28}Q${x * 0.8} -190 ${x * 0.3} -226`,
          shine,
          4,
          { opacity: 0.6 },
        );
      });
      const tie = path('M-86 -214Q0 -262 86 -214L82 -190Q0 -236 -82 -190Z', cloth);
      return {
        back: path(bun, colour) + coils,
        front: path(d, colour) + rows + tie,
        shape: path(d, '#000'),
        hidesEars: false,
      };
    }
    case 'crown-braid': {
      const d = band(
        skull(14, -6),
        both([
          [-w + 4, 4],
          [-w + 12, -70],
          [-80, -124],
          [-8, -150],
        ]),
      );
      const beads = arc(0, -76, w + 16, 152, 184, 356, 17).map(([x, y], at) =>
        ellipse(x, y, 30, 22, at % 2 ? colour : lighter(colour, 0.15), {
          transform: `rotate(${round((Math.atan2(y + 76, x) * 180) / Math.PI + (at % 2 ? 60 : 120))} ${round(x)} ${round(y)})`,
          stroke: darker(colour, 0.3),
          'stroke-width': 2.5,
        }),
      );
      const wisps = stroke('M-128 0Q-142 60 -126 110', colour, 5) + stroke('M128 0Q140 50 128 96', colour, 5);
      return make(
        '',
        d,
        lines(
          [
            [0, -216],
            [-70, -190],
            [-132, -90],
          ],
          [
            [0, -152],
            [-60, -130],
            [-120, -70],
          ],
          3,
          darker(colour, 0.25),
        ) +
          beads.join('') +
          wisps,
      );
    }
    case 'two-braids': {
      const plait = (side: number) =>
        repeat(9, (at) =>
          ellipse(
            side * (158 + at * 5),
            100 + at * 46,
            38 - at * 1.2,
            31,
            at % 2 ? colour : lighter(colour, 0.12),
            {
              transform: `rotate(${side * (at % 2 ? -28 : 28)} ${side * (158 + at * 5)} ${100 + at * 46})`,
              stroke: darker(colour, 0.4),
              'stroke-width': 2,
            },
          ),
        ) + rect(side * 202 - 18, 500, 36, 26, ink.saffron, { rx: 8 });
      const left: Point[] = [
        [0, -222],
        [-96, -200],
        [-158, -110],
        [-166, 0],
        [-170, 96],
      ];
      const leftIn: Point[] = [
        [0, -166],
        [-70, -136],
        [-118, -66],
        [-132, 10],
        [-128, 104],
      ];
      return make(
        path(
          smooth(
            both([
              [-100, -190],
              [-160, -80],
              [-160, 60],
              [-90, 150],
            ]),
            true,
          ),
          deep,
        ),
        band(left, leftIn) + band(mirrored(left).reverse(), mirrored(leftIn).reverse()),
        lines(left, leftIn, 4) +
          lines(mirrored(left).reverse(), mirrored(leftIn).reverse(), 4) +
          plait(-1) +
          plait(1),
        true,
      );
    }
    case 'low-bun': {
      const bun =
        circle(-112, 124, 74, colour) + stroke('M-160 110a52 46 0 0 1 90 -18', shine, 4, { opacity: 0.5 });
      const buds = arc(-112, 124, 78, 78, 120, 260, 7).map(
        ([x, y], at) => circle(x, y, at % 2 ? 15 : 19, cloth) + circle(x, y, 5, ink.saffron),
      );
      const left: Point[] = [
        [0, -222],
        [-92, -204],
        [-150, -110],
        [-150, 10],
        [-132, 70],
      ];
      const leftIn: Point[] = [
        [0, -160],
        [-62, -138],
        [-116, -72],
        [-134, -6],
        [-130, 30],
      ];
      return make(
        bun + buds.join(''),
        band(left, leftIn) + band(mirrored(left).reverse(), mirrored(leftIn).reverse()),
        lines(left, leftIn, 4) +
          lines(mirrored(left).reverse(), mirrored(leftIn).reverse(), 4) +
          stroke('M0 -218L0 -164', darker(colour, 0.4), 3),
      );
    }
    case 'high-bun': {
      const bun = smooth(
        [
          [-70, -228],
          [-104, -290],
          [-66, -352],
          [10, -362],
          [78, -340],
          [96, -276],
          [66, -222],
        ],
        true,
      );
      const d = band(
        skull(16, 0),
        both([
          [-w + 2, 10],
          [-w + 12, -66],
          [-84, -122],
          [-20, -148],
        ]),
      );
      const tie = path('M-78 -222Q0 -262 80 -220L76 -194Q0 -236 -74 -196Z', cloth);
      const strands =
        lines(
          [
            [-60, -214],
            [-120, -150],
            [-140, -40],
          ],
          [
            [-30, -210],
            [-40, -180],
            [-36, -146],
          ],
          4,
        ) +
        lines(
          [
            [60, -214],
            [122, -150],
            [142, -40],
          ],
          [
            [30, -210],
            [40, -180],
            [36, -146],
          ],
          4,
        );
      const wisps =
        stroke('M-130 -10Q-150 50 -132 100Q-126 116 -136 130', colour, 6) +
        stroke('M130 -10Q150 40 134 86', colour, 6);
      const coil = stroke(
        'M-60 -250Q-70 -330 6 -336Q70 -330 60 -272Q46 -230 -4 -252Q-34 -276 0 -296',
        shine,
        4,
        { opacity: 0.6 },
      );
      return make(path(bun, colour) + coil, d, strands + tie + wisps);
    }
    case 'locs': {
      const fall = (x: number, length: number, width: number, tone: string) =>
        stroke(
          smooth([
            [x * 0.62, -150],
            [x, -60],
            [x * 1.08 + (random() - 0.5) * 16, 80],
            [x * 1.12 + (random() - 0.5) * 26, length],
          ]),
          tone,
          width,
        );
      const back =
        path(
          smooth(
            both([
              [-100, -190],
              [-176, -60],
              [-186, 120],
              [-90, 170],
            ]),
            true,
          ),
          deep,
        ) + repeat(11, (at) => fall(-200 + at * 40, 250 + random() * 60, 36, at % 2 ? deep : colour));
      const d = band(
        skull(26, -30),
        both([
          [-w - 6, -24],
          [-w + 8, -80],
          [-78, -132],
          [-10, -158],
        ]),
      );
      const front = [-1, 1]
        .map((side) =>
          [196, 176, 156]
            .map((x, at) =>
              fall(side * x, 190 + random() * 70 - at * 20, 32, at === 1 ? lighter(colour, 0.12) : colour),
            )
            .join(''),
        )
        .join('');
      const roots = repeat(8, (at) =>
        stroke(
          `M${-98 + at * 28} ${-140 + Math.abs(-98 + at * 28) * 0.22}Q${-90 + at * 26} -190 ${-50 + at * 15} -226`,
          lighter(colour, 0.2),
          4,
          { opacity: 0.6 },
        ),
      );
      const rings =
        circle(-186, 150, 17, ink.saffron) +
        circle(-186, 150, 9, colour) +
        circle(178, 90, 17, ink.saffron) +
        circle(178, 90, 9, colour);
      return make(back, d, front + roots + rings, true);
    }
    case 'shaggy': {
      const back = smooth(
        [
          [-80, -200],
          [-170, -110],
          [-180, 40],
          [-206, 150],
          [-150, 176],
          [-120, 220],
          [0, 200],
          [124, 222],
          [150, 170],
          [204, 146],
          [178, 40],
          [170, -110],
          [80, -205],
        ],
        true,
      );
      const d = band(
        [
          [-160, 120],
          [-186, 60],
          [-172, -20],
          [-178, -110],
          [-128, -206],
          [-30, -248],
          [76, -240],
          [150, -190],
          [178, -100],
          [170, -16],
          [188, 60],
          [164, 120],
        ],
        [
          [-130, 66],
          [-138, 4],
          [-128, -52],
          [-100, -30],
          [-72, -76],
          [-30, -38],
          [8, -84],
          [52, -44],
          [84, -82],
          [120, -40],
          [136, 6],
          [130, 66],
        ],
      );
      const strands = repeat(8, (at) =>
        stroke(
          `M${-104 + at * 30} ${-66 + (at % 2) * 16}Q${-96 + at * 26} -150 ${-20 + at * 8} -226`,
          at % 2 ? deep : shine,
          3.5,
          { opacity: 0.5 },
        ),
      );
      return make(path(back, deep), d, strands, true);
    }
    case 'mop': {
      const spots = [...arc(0, -80, 150, 130, 170, 370, 12), ...arc(0, -110, 96, 92, 180, 360, 8)];
      const d = band(
        [
          [-150, -16],
          [-172, -80],
          [-156, -170],
          [-84, -236],
          [10, -252],
          [100, -230],
          [160, -164],
          [172, -80],
          [150, -16],
        ],
        [
          [-128, -10],
          [-122, -60],
          [-92, -42],
          [-60, -74],
          [-18, -44],
          [22, -78],
          [62, -46],
          [98, -70],
          [122, -56],
          [130, -10],
        ],
      );
      const bumps = spots.map(([x, y]) => tuft(x, y, 24 + random() * 12)).join('');
      const strands = repeat(7, (at) =>
        stroke(
          `M${-88 + at * 30} ${-70 + (at % 2) * 10}Q${-110 + at * 34} -140 ${-44 + at * 20} -210`,
          lighter(colour, 0.3),
          3.5,
          { opacity: 0.5 },
        ),
      );
      return {
        back: '',
        front: bumps + path(d, colour) + strands,
        shape: path(d, '#000') + bumps,
        hidesEars: false,
      };
    }
    case 'waves-short': {
      const d = band(
        [
          [-w - 6, 6],
          [-w - 20, -80],
          [-144, -170],
          [-90, -232],
          [-10, -252],
          [70, -256],
          [136, -214],
          [w + 22, -140],
          [w + 20, -70],
          [w + 6, 6],
        ],
        [
          [-w + 6, 16],
          [-w + 12, -70],
          [-96, -104],
          [-50, -132],
          [0, -112],
          [44, -136],
          [96, -108],
          [w - 12, -70],
          [w - 6, 16],
        ],
      );
      const swirl = repeat(6, (at) =>
        stroke(`M${-100 + at * 32} ${-128 - (at % 2) * 10}q24 -50 -6 -78t28 -34`, lighter(colour, 0.28), 4, {
          opacity: 0.55,
        }),
      );
      return make('', d, swirl);
    }
    case 'side-part': {
      const d = band(
        [
          [-w - 2, 24],
          [-w - 12, -70],
          [-138, -160],
          [-84, -216],
          [10, -246],
          [104, -226],
          [154, -150],
          [w + 12, -70],
          [w + 2, 24],
        ],
        [
          [-w + 12, 30],
          [-w + 14, -76],
          [-98, -128],
          [-66, -158],
          [0, -118],
          [72, -116],
          [w - 18, -92],
          [w - 12, -40],
          [w - 12, 30],
        ],
      );
      return make(
        '',
        d,
        lines(
          [
            [-66, -168],
            [-30, -216],
            [40, -236],
            [120, -200],
          ],
          [
            [-66, -160],
            [-10, -140],
            [60, -126],
            [120, -110],
          ],
          5,
        ),
      );
    }
    case 'quiff': {
      const d = band(
        [
          [-w, 20],
          [-w - 8, -80],
          [-134, -160],
          [-120, -226],
          [-50, -280],
          [50, -286],
          [128, -244],
          [146, -160],
          [w + 8, -80],
          [w, 20],
        ],
        [
          [-w + 14, 28],
          [-w + 12, -80],
          [-100, -130],
          [-48, -150],
          [10, -146],
          [64, -148],
          [104, -126],
          [w - 12, -80],
          [w - 14, 28],
        ],
      );
      return make(
        '',
        d,
        lines(
          [
            [-98, -140],
            [-110, -200],
            [-60, -258],
            [30, -268],
          ],
          [
            [84, -140],
            [96, -180],
            [110, -210],
            [112, -224],
          ],
          6,
        ),
      );
    }
    case 'swept-back': {
      const d = band(
        [
          [-w - 2, 40],
          [-w - 20, -60],
          [-144, -150],
          [-84, -214],
          [4, -232],
          [90, -212],
          [146, -150],
          [w + 20, -60],
          [w + 2, 40],
        ],
        [
          [-w + 10, 40],
          [-w + 10, -70],
          [-100, -124],
          [-70, -160],
          [0, -168],
          [72, -158],
          [100, -124],
          [w - 10, -70],
          [w - 10, 40],
        ],
      );
      return make(
        '',
        d,
        lines(
          [
            [-100, -126],
            [-120, -160],
            [-60, -206],
          ],
          [
            [100, -126],
            [120, -160],
            [60, -206],
          ],
          8,
          lighter(colour, 0.4),
        ),
      );
    }
    case 'receding': {
      const side: Point[] = [
        [-w - 2, 46],
        [-w - 16, -30],
        [-w - 10, -110],
        [-108, -172],
      ];
      const sideIn: Point[] = [
        [-w + 12, 46],
        [-w + 12, -40],
        [-w + 26, -96],
        [-92, -158],
      ];
      const top = band(
        [
          [-112, -170],
          [-50, -216],
          [20, -222],
          [112, -172],
        ],
        [
          [-94, -156],
          [-44, -186],
          [20, -196],
          [94, -156],
        ],
      );
      return make('', band(side, sideIn) + band(mirrored(side).reverse(), mirrored(sideIn).reverse()) + top);
    }
    case 'top-knot': {
      const knot = smooth(
        [
          [-44, -226],
          [-66, -276],
          [-34, -320],
          [22, -322],
          [60, -286],
          [44, -228],
        ],
        true,
      );
      const d = band(
        skull(10, 20),
        both([
          [-w + 10, 24],
          [-w + 12, -74],
          [-92, -126],
          [-24, -148],
        ]),
      );
      const strands = lines(
        [
          [-96, -152],
          [-96, -176],
          [-30, -220],
        ],
        [
          [96, -152],
          [96, -176],
          [30, -220],
        ],
        9,
      );
      return make(
        path(knot, colour) + stroke('M-44 -262Q0 -300 44 -266', shine, 4, { opacity: 0.6 }),
        d,
        strands + rect(-40, -236, 80, 17, ink.terracotta, { rx: 8 }),
      );
    }
    case 'fedora': {
      const felt = cloth;
      const sides =
        band(
          [
            [-w - 4, 30],
            [-w - 10, -40],
            [-w, -104],
          ],
          [
            [-w + 12, 30],
            [-w + 10, -40],
            [-w + 14, -104],
          ],
        ) +
        band(
          [
            [w - 14, -104],
            [w - 10, -40],
            [w - 12, 30],
          ],
          [
            [w, -104],
            [w + 10, -40],
            [w + 4, 30],
          ],
        );
      const crown =
        'M-148 -116C-150 -210 -138 -286 -84 -300C-50 -308 -30 -280 0 -280C32 -280 50 -310 88 -298C138 -284 150 -206 148 -116Z';
      const brim =
        'M-278 -104C-240 -150 -120 -162 0 -162C120 -162 240 -150 278 -104C230 -66 120 -84 0 -84C-120 -84 -230 -66 -278 -104Z';
      const ribbon = 'M-149 -148C-80 -172 80 -172 149 -148L149 -108C80 -130 -80 -130 -149 -108Z';
      return {
        back: '',
        front:
          path(sides, colour) +
          path(crown, felt) +
          path(ribbon, ink.ember) +
          path(brim, lighter(felt, 0.1)) +
          path(
            'M-278 -104C-230 -66 -120 -84 0 -84C120 -84 230 -66 278 -104C230 -80 120 -98 0 -98C-120 -98 -230 -80 -278 -104Z',
            darker(felt, 0.45),
          ) +
          stroke('M-60 -292C-30 -262 -20 -220 -14 -190', darker(felt, 0.4), 5),
        shape: path(crown, '#000') + path(brim, '#000'),
        hidesEars: false,
      };
    }
    case 'turban': {
      const d = smooth(
        [
          [-w - 6, -30],
          [-178, -110],
          [-170, -220],
          [-100, -300],
          [6, -322],
          [112, -296],
          [174, -214],
          [178, -110],
          [w + 6, -30],
          [112, -84],
          [52, -128],
          [0, -150],
          [-52, -128],
          [-112, -84],
        ],
        true,
      );
      const folds = [-1, 1]
        .map((side) =>
          repeat(6, (at) =>
            stroke(
              smooth([
                [side * (w + 2 + at * 2), -44 - at * 12],
                [side * (92 + at * 8), -128 - at * 24],
                [side * (-14 + at * 4), -166 - at * 26],
              ]),
              at % 2 ? darker(cloth, 0.3) : lighter(cloth, 0.2),
              4.5,
              { opacity: 0.75 },
            ),
          ),
        )
        .join('');
      const triangle = path('M-44 -128L0 -148L44 -128L0 -100Z', darker(cloth, 0.35));
      return { back: '', front: triangle + path(d, cloth) + folds, shape: path(d, '#000'), hidesEars: true };
    }
    case 'headscarf': {
      const outer = smooth(
        [
          [0, -242],
          [-108, -214],
          [-172, -120],
          [-182, 20],
          [-176, 150],
          [-236, 260],
          [-250, 380],
          [0, 440],
          [250, 380],
          [236, 260],
          [176, 150],
          [182, 20],
          [172, -120],
          [108, -214],
        ],
        true,
      );
      const d = band(
        [
          [-196, 300],
          [-178, 170],
          [-186, 20],
          [-174, -120],
          [-106, -216],
          [0, -244],
          [106, -216],
          [174, -120],
          [186, 20],
          [178, 170],
          [196, 300],
        ],
        [
          [-20, 300],
          [-70, 214],
          [-118, 130],
          [-134, 20],
          [-122, -80],
          [-74, -136],
          [0, -152],
          [74, -136],
          [122, -80],
          [134, 20],
          [118, 130],
          [70, 214],
          [20, 300],
        ].slice(0, 13) as Point[],
      );
      const wrap = smooth(
        [
          [-134, 116],
          [-92, 174],
          [0, 204],
          [92, 174],
          [136, 112],
          [196, 210],
          [240, 330],
          [120, 420],
          [-60, 430],
          [-230, 360],
          [-190, 200],
        ],
        true,
      );
      const folds =
        stroke('M-128 150C-90 240 60 270 150 190', darker(cloth, 0.28), 5, { opacity: 0.7 }) +
        stroke('M-150 210C-90 310 90 320 190 240', lighter(cloth, 0.25), 5, { opacity: 0.7 }) +
        stroke('M-190 280C-100 390 100 390 220 310', darker(cloth, 0.28), 5, { opacity: 0.7 }) +
        stroke('M-150 20C-154 -80 -110 -170 -10 -200', lighter(cloth, 0.25), 4, { opacity: 0.7 }) +
        stroke('M154 30C158 -70 120 -160 40 -206', darker(cloth, 0.25), 4, { opacity: 0.7 });
      const under = stroke('M-124 -66C-86 -134 -40 -150 0 -150C40 -150 86 -134 124 -66', ink.plum, 16);
      return {
        back: path(outer, darker(cloth, 0.25)),
        front: under + path(d, cloth) + path(wrap, cloth) + folds,
        shape: path(d, '#000') + path(wrap, '#000'),
        hidesEars: true,
      };
    }
    case 'head-wrap': {
      const d = smooth(
        [
          [-w - 2, -46],
          [-186, -150],
          [-196, -270],
          [-120, -352],
          [-20, -340],
          [60, -376],
          [160, -330],
          [196, -230],
          [182, -130],
          [w + 2, -46],
          [90, -112],
          [0, -134],
          [-90, -112],
        ],
        true,
      );
      const knot = smooth(
        [
          [20, -336],
          [70, -420],
          [150, -430],
          [176, -372],
          [120, -320],
          [60, -312],
        ],
        true,
      );
      const folds =
        stroke('M-132 -66C-100 -150 60 -180 178 -150', darker(cloth, 0.28), 6, { opacity: 0.8 }) +
        stroke('M-160 -120C-90 -220 70 -240 188 -214', lighter(cloth, 0.3), 6, { opacity: 0.8 }) +
        stroke('M-188 -200C-110 -290 40 -300 130 -300', darker(cloth, 0.28), 6, { opacity: 0.8 }) +
        stroke('M126 -78C110 -150 -40 -230 -160 -230', ink.terracotta, 9, { opacity: 0.9 }) +
        stroke('M60 -330C90 -380 120 -400 160 -396', darker(cloth, 0.3), 5, { opacity: 0.8 });
      return {
        back: '',
        front: path(knot, darker(cloth, 0.12)) + path(d, cloth) + folds,
        shape: path(d, '#000') + path(knot, '#000'),
        hidesEars: false,
      };
    }
  }
}
