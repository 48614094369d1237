import {
  circle,
  ellipse,
  group,
  type Point,
  path,
  polygon,
  rect,
  repeat,
  type Scene,
  smooth,
  star,
  stroke,
} from './draw.ts';
import type { Tones } from './face.ts';
import type { Look } from './looks.ts';
import { darker, ink, lighter, mix } from './palette.ts';

const CX = 480;

/** Shoulders and neck, in the picture's coordinates; the neck comes out of the collar at about y 800. */
export function bodyOf(look: Look) {
  const neck = look.broad || look.beard ? 84 : 68;
  const reach = look.broad ? 352 : look.beard ? 318 : 290;
  const left: Point[] = [
    [CX - reach - 46, 1230],
    [CX - reach - 34, 1110],
    [CX - reach + 2, 985],
    [CX - reach * 0.74, 908],
    [CX - neck - 62, 862],
    [CX - neck - 14, 826],
    [CX - neck, 770],
  ];
  const outline = `${smooth([...left, ...left.map(([x, y]): Point => [2 * CX - x, y]).reverse()])}Z`;
  return { neck, reach, outline };
}

/** Everything below the chin: garment, throat, collar, necklace. */
export function clothes(
  look: Look,
  tones: Tones,
  scene: Scene,
): { under: string; over: string; behind: string } {
  const { neck, reach, outline } = bodyOf(look);
  const colour = ink[look.clothesColour];
  const accent = ink[look.clothesAccent];
  const dark = darker(colour, 0.28);
  const light = lighter(colour, 0.2);
  const body = scene.clip(path(outline, '#000'));
  const inBody = (svg: string) => group(svg, { 'clip-path': body });
  const l = CX - neck;
  const r = CX + neck;

  const motif = {
    leaves: leavesPattern,
    stripes: stripesPattern,
    dots: dotsPattern,
    stars: starsPattern,
    grid: gridPattern,
    chevron: chevronPattern,
  };
  const patterned = look.pattern
    ? inBody(rect(0, 700, 960, 500, motif[look.pattern](scene, mix(accent, colour, 0.2))))
    : '';
  const throat = path(
    `M${l} 660C${l} 780 ${l - 4} 830 ${l - 60} 870L${r + 60} 870C${r + 4} 830 ${r} 780 ${r} 660Z`,
    tones.base,
  );
  const garment = path(outline, colour) + patterned;
  /** Bare skin down to a neckline. */
  const bare = (d: string, edge: string, width = 14) =>
    inBody(path(`M${l - 90} 760${d}L${r + 90} 760Z`, tones.base) + stroke(`M${l - 90} 820${d}`, edge, width));
  const collarbones = stroke(
    `M${CX - 30} 902Q${CX - 90} 880 ${CX - 160} 890M${CX + 30} 902Q${CX + 90} 880 ${CX + 160} 890`,
    tones.shade,
    4,
    { opacity: 0.7 },
  );
  const arms = inBody(
    stroke(
      `M${CX - reach + 66} 1230Q${CX - reach + 78} 1120 ${CX - reach + 62} 1050M${CX + reach - 66} 1230Q${CX + reach - 78} 1120 ${CX + reach - 62} 1050`,
      dark,
      5,
      { opacity: 0.7 },
    ),
  );

  let under = garment + arms;
  let over = '';
  let behind = '';
  switch (look.clothes) {
    case 'crew':
      under += bare(`L${l - 34} 840Q${l - 14} 908 ${CX} 912Q${r + 14} 908 ${r + 34} 840`, dark, 26) + throat;
      over = inBody(
        stroke(
          `M${l - 34} 846Q${l - 12} 910 ${CX} 914Q${r + 12} 910 ${r + 34} 846`,
          mix(colour, accent, 0.75),
          5,
        ),
      );
      break;
    case 'turtleneck': {
      under += rect(l, 660, 2 * neck, 170, tones.base);
      const top = look.face === 'long' ? 768 : 756;
      over =
        path(
          `M${l - 14} ${top}Q${CX} ${top + 38} ${r + 14} ${top}C${r + 28} ${top + 40} ${r + 24} 838 ${r + 40} 872Q${CX} 926 ${l - 40} 872C${l - 24} 838 ${l - 28} ${top + 40} ${l - 14} ${top}Z`,
          light,
        ) +
        stroke(`M${l - 24} 822Q${CX} 872 ${r + 24} 822`, dark, 5, { opacity: 0.55 }) +
        repeat(7, (at) =>
          stroke(`M${CX - 66 + at * 22} ${top + 36 - Math.abs(3 - at) * 3}l${(at - 3) * 1.5} 34`, dark, 3, {
            opacity: 0.35,
          }),
        );
      break;
    }
    case 'v-neck':
      under +=
        bare(`L${l - 44} 830Q${l - 10} 930 ${CX} 1016Q${r + 10} 930 ${r + 44} 830`, accent, 15) +
        throat +
        collarbones;
      break;
    case 'boat':
      under +=
        bare(
          `L${CX - reach * 0.78} 900Q${CX - 150} 968 ${CX} 980Q${CX + 150} 968 ${CX + reach * 0.78} 900`,
          accent,
          13,
        ) +
        throat +
        collarbones;
      break;
    case 'collar': {
      const wing = (side: number) =>
        polygon([
          [CX + side * (neck + 6), 792],
          [CX + side * (neck + 52), 862],
          [CX + side * (neck + 4), 978],
          [CX + side * 4, 902],
        ]);
      under += bare(`L${l - 10} 830L${CX} 940L${r + 10} 830`, dark, 6) + throat;
      over =
        path(wing(-1), light) +
        path(wing(1), lighter(colour, 0.12)) +
        stroke(`M${CX} 930L${CX} 1200`, dark, 5, { opacity: 0.7 }) +
        repeat(3, (at) => circle(CX + 16, 1000 + at * 82, 9, accent, { stroke: dark, 'stroke-width': 2 }));
      break;
    }
    case 'blazer': {
      under +=
        inBody(path(`M${l - 50} 800L${CX - 30} 1200L${CX + 30} 1200L${r + 50} 800Z`, accent)) +
        bare(`L${l - 26} 840Q${l} 916 ${CX} 922Q${r} 916 ${r + 26} 840`, darker(accent, 0.2), 6) +
        throat;
      const lapel = (side: number) =>
        polygon([
          [CX + side * (neck + 20), 806],
          [CX + side * (neck + 74), 862],
          [CX + side * (neck + 112), 990],
          [CX + side * (neck + 66), 1006],
          [CX + side * (neck + 78), 1040],
          [CX + side * 10, 1230],
          [CX + side * (neck + 2), 920],
        ]);
      over =
        inBody(
          path(`M${l - 60} 790L${l - 20} 930L${CX} 1200L0 1230L0 800Z`, colour) +
            path(`M${r + 60} 790L${r + 20} 930L${CX} 1200L960 1230L960 800Z`, colour) +
            arms,
        ) + inBody(path(lapel(-1), light) + path(lapel(1), dark));
      break;
    }
    case 'wrap': {
      under += throat;
      const right = `M${r + 4} 800L${r + 70} 870L${CX - 120} 1230L${CX - 300} 1230Z`;
      const left = `M${l - 4} 800L${l - 70} 870L${CX - 20} 1010L${CX + 6} 930Z`;
      over =
        inBody(path(`M${l} 812L${CX} 1000L${r} 812Z`, tones.base)) +
        inBody(path(left, accent) + stroke(`M${l - 2} 806L${CX + 2} 920`, darker(accent, 0.15), 5)) +
        inBody(
          path(right, accent) +
            stroke(`M${r + 2} 806L${CX - 240} 1180`, darker(accent, 0.15), 5) +
            stroke(`M${r + 72} 876L${CX - 110} 1230`, dark, 5),
        );
      break;
    }
    case 'shawl': {
      under =
        path(outline, accent) +
        bare(`L${l - 30} 840Q${l - 10} 920 ${CX} 926Q${r + 10} 920 ${r + 30} 840`, darker(accent, 0.2), 8) +
        throat;
      const left = `M${l - 30} 812C${l - 140} 830 ${CX - reach - 40} 900 ${CX - reach - 90} 1230L${CX + 60} 1230C${CX + 10} 1120 ${l - 40} 980 ${l - 30} 812Z`;
      const rightSide = `M${r + 30} 812C${r + 140} 830 ${CX + reach + 40} 900 ${CX + reach + 90} 1230L${CX - 70} 1230C${CX - 10} 1130 ${r + 50} 990 ${r + 30} 812Z`;
      const fill = look.pattern ? scene.clip(path(left, '#000'), path(rightSide, '#000')) : '';
      over =
        path(left, colour) +
        path(rightSide, mix(colour, dark, 0.35)) +
        (fill
          ? group(
              repeat(9, (at) =>
                rect(0, 850 + at * 46, 960, 13, [accent, ink.paper, ink.teal][at % 3] as string, {
                  transform: `rotate(${-9} 480 1000)`,
                }),
              ),
              { 'clip-path': fill },
            )
          : '') +
        repeat(
          3,
          (at) =>
            stroke(
              `M${l - 70 - at * 50} ${860 + at * 14}Q${l - 90 - at * 46} 1040 ${l - 10 - at * 90} 1230`,
              light,
              4,
              { opacity: 0.5 },
            ) +
            stroke(
              `M${r + 70 + at * 50} ${860 + at * 14}Q${r + 90 + at * 46} 1040 ${r - 20 + at * 96} 1230`,
              dark,
              4,
              { opacity: 0.6 },
            ),
        );
      break;
    }
    case 'tunic':
      under += throat;
      over =
        path(`M${l - 10} 792Q${CX} 850 ${r + 10} 792L${r + 26} 852Q${CX} 912 ${l - 26} 852Z`, light) +
        stroke(`M${l - 26} 852Q${CX} 912 ${r + 26} 852`, accent, 7) +
        path(`M${CX - 26} 888h52v240q-26 26 -52 0Z`, light) +
        repeat(6, (at) => path(star(CX, 916 + at * 40, at % 2 ? 9 : 15, 4, 0.4), accent)) +
        stroke(`M${CX - 30} 888v240M${CX + 30} 888v240`, accent, 4);
      break;
    case 'sari': {
      under =
        path(outline, accent) +
        arms +
        bare(`L${l - 60} 850Q${l - 40} 948 ${CX} 956Q${r + 40} 948 ${r + 60} 850`, darker(accent, 0.25), 8) +
        throat +
        collarbones;
      over = inBody(
        path(
          `M${r + 40} 840L${CX + reach} 930L${CX + reach + 60} 1230L60 1230C180 1150 420 1080 ${r + 40} 840Z`,
          colour,
        ) +
          stroke(`M${r + 40} 842C${CX - 40} 1080 200 1150 80 1216`, ink.saffron, 22) +
          stroke(`M${r + 40} 842C${CX - 40} 1080 200 1150 80 1216`, ink.terracotta, 5) +
          repeat(4, (at) =>
            stroke(
              `M${r + 76 + at * 46} ${856 + at * 16}C${CX + 60 + at * 60} 1060 ${400 + at * 80} 1150 ${340 + at * 110} 1230`,
              at % 2 ? dark : light,
              4,
              { opacity: 0.6 },
            ),
          ),
      );
      break;
    }
    case 'cardigan':
      under +=
        inBody(path(`M${l - 30} 800L${CX - 60} 1230L${CX + 60} 1230L${r + 30} 800Z`, accent)) +
        bare(`L${l - 20} 836Q${l} 900 ${CX} 906Q${r} 900 ${r + 20} 836`, darker(accent, 0.14), 10) +
        throat;
      over = inBody(
        stroke(
          `M${l - 44} 826Q${CX - 90} 1000 ${CX - 46} 1230M${r + 44} 826Q${CX + 90} 1000 ${CX + 46} 1230`,
          dark,
          26,
        ) + repeat(3, (at) => circle(CX - 72 + at * 12, 1010 + at * 76, 10, ink.saffron)),
      );
      break;
    case 'hood': {
      behind = path(
        smooth(
          [
            [l - 40, 700],
            [l - 110, 780],
            [l - 130, 900],
            [CX, 960],
            [r + 130, 900],
            [r + 110, 780],
            [r + 40, 700],
          ],
          true,
        ),
        dark,
      );
      under += bare(`L${l - 26} 838Q${l - 8} 900 ${CX} 906Q${r + 8} 900 ${r + 26} 838`, accent, 12) + throat;
      over =
        path(
          `M${l - 16} 772C${l - 110} 800 ${l - 130} 872 ${CX - 40} 960C${l - 40} 900 ${l - 30} 840 ${l - 16} 772Z`,
          light,
        ) +
        path(
          `M${r + 16} 772C${r + 110} 800 ${r + 130} 872 ${CX + 40} 960C${r + 40} 900 ${r + 30} 840 ${r + 16} 772Z`,
          light,
        ) +
        stroke(`M${CX - 42} 950l-6 120M${CX + 42} 950l6 104`, accent, 7) +
        circle(CX - 48, 1076, 9, accent) +
        circle(CX + 48, 1060, 9, accent);
      break;
    }
  }

  if (look.necklace === 'beads') {
    const low = look.clothes === 'turtleneck' ? 1000 : 930;
    over += repeat(15, (at) => {
      const share = (at / 14) * 2 - 1;
      return circle(
        CX + share * (neck + 34),
        low - share * share * (low - 850),
        12,
        look.skin === 'brown' ? ink.terracotta : ink.paper,
        { stroke: darker(ink.sand, 0.2), 'stroke-width': 2 },
      );
    });
  }
  if (look.necklace === 'moon' || look.necklace === 'sun') {
    over += stroke(`M${l - 8} 846Q${CX} 990 ${r + 8} 846`, ink.saffron, 4);
    over +=
      look.necklace === 'moon'
        ? path(`M${CX - 4} 916a32 32 0 1 0 30 42a26 26 0 1 1 -30 -42Z`, ink.saffron)
        : path(star(CX, 936, 30, 8, 0.5), ink.saffron) + circle(CX, 936, 12, ink.terracotta);
  }
  return { under, over, behind };
}

const leavesPattern = (scene: Scene, colour: string) =>
  scene.pattern(
    90,
    110,
    path('M20 60Q10 20 44 8Q50 44 20 60ZM64 108Q54 74 84 62Q90 92 64 108Z', colour) +
      ellipse(70, 24, 5, 5, colour),
    'rotate(14)',
  );
const stripesPattern = (scene: Scene, colour: string) => scene.pattern(60, 44, rect(0, 0, 60, 13, colour));
const dotsPattern = (scene: Scene, colour: string) =>
  scene.pattern(46, 46, circle(12, 12, 6.5, colour) + circle(35, 35, 6.5, colour));
const starsPattern = (scene: Scene, colour: string) =>
  scene.pattern(
    78,
    78,
    path(star(20, 20, 12), colour) + path(star(58, 58, 8), colour) + circle(58, 16, 2.6, colour),
  );
const gridPattern = (scene: Scene, colour: string) =>
  scene.pattern(
    56,
    56,
    path('M28 10L46 28L28 46L10 28Z', 'none', { stroke: colour, 'stroke-width': 2.5, opacity: 0.55 }) +
      circle(28, 28, 3, colour, { opacity: 0.6 }),
  );
const chevronPattern = (scene: Scene, colour: string) =>
  scene.pattern(64, 150, stroke('M0 40L32 14L64 40', colour, 11) + stroke('M0 70L32 44L64 70', ink.dusk, 7));
