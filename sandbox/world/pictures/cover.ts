import {
  circle,
  ellipse,
  group,
  moon,
  newScene,
  type Point,
  path,
  type Random,
  rect,
  repeat,
  ring,
  type Scene,
  seeded,
  smooth,
  star,
  stroke,
} from './draw.ts';
import { darker, ink, lighter, mix } from './palette.ts';

const W = 1600;
const H = 1000;
const at = (svg: string, x: number, y: number, angle = 0, scale = 1) =>
  group(svg, { transform: `translate(${x} ${y}) rotate(${angle}) scale(${scale})` });

const stars = (random: Random, count: number, bottom: number, colour: string = ink.cream) =>
  repeat(count, () => {
    const [x, y, r] = [random() * W, random() * bottom, random()];
    return r > 0.86
      ? path(star(x, y, 8 + random() * 12), colour)
      : circle(x, y, 1.4 + r * 2.6, colour, { opacity: 0.9 });
  });
/** A ridge of hills from side to side, filled to the bottom. */
const ridge = (random: Random, y: number, height: number, steps: number, colour: string) =>
  path(
    `${smooth(Array.from({ length: steps + 3 }, (_, i): Point => [((i - 1) * W) / steps, y - (i % 2 ? height : 0) * (0.6 + random() * 0.5)]))}V${H + 10}H-200Z`,
    colour,
  );
const card = (face: string, picture: string, border: string = ink.saffron) =>
  rect(-70, -120, 140, 240, face, { rx: 12 }) +
  rect(-59, -109, 118, 218, 'none', { rx: 7, stroke: border, 'stroke-width': 3.5 }) +
  picture;
const flame = (s: number) =>
  circle(0, -60, 190, ink.saffron, { opacity: 0.12 }) +
  circle(0, -60, 110, ink.saffron, { opacity: 0.2 }) +
  at(
    path('M0 -130C46 -70 38 -8 0 -4C-38 -8 -46 -70 0 -130Z', ink.ember) +
      path('M0 -78C22 -50 20 -8 0 -6C-20 -8 -22 -50 0 -78Z', ink.paper),
    0,
    0,
    0,
    s,
  );
const leaf = (x: number, y: number, length: number, angle: number, colour: string) =>
  path(`M0 0Q${length * 0.35} ${-length * 0.32} ${length} 0Q${length * 0.35} ${length * 0.32} 0 0Z`, colour, {
    transform: `translate(${x} ${y}) rotate(${angle})`,
  });
const chair = (colour: string) =>
  path('M-110 -330Q0 -400 110 -330V-60H-110Z', colour) +
  path('M-78 -300Q0 -350 78 -300V-100H-78Z', lighter(colour, 0.16)) +
  rect(-128, -90, 256, 60, darker(colour, 0.18), { rx: 22 }) +
  stroke('M-104 -36L-124 90M104 -36L124 90M-60 -36V70M60 -36V70', ink.bark, 17);

interface Picture {
  /** Light from the upper left by default. */
  light?: Point;
  depth?: string;
  flat: string;
  /** A second sheet, over the first one's shading. */
  over?: string;
}

const pictures: Record<string, (scene: Scene, random: Random) => Picture> = {
  'preparing-for-a-first-reading': (_, random) => ({
    light: [1080, 430],
    depth: ink.night,
    flat:
      rect(0, 0, W, H, ink.plum) +
      rect(170, 60, 560, 620, darker(ink.plum, 0.4), { rx: 8 }) +
      group(
        rect(196, 86, 508, 568, ink.night) +
          at(stars(random, 60, 1000), 196, 86, 0, 0.4) +
          circle(560, 240, 74, ink.cream) +
          path('M196 654V560Q330 470 460 540T704 500V654Z', ink.indigo),
      ) +
      stroke('M450 86V654M196 370H704', darker(ink.plum, 0.4), 18) +
      path('M60 20H190Q230 360 90 700H0V20ZM840 20H712Q676 360 810 700H900Z', ink.terracotta) +
      repeat(3, (i) =>
        stroke(
          `M${40 + i * 44} 20Q${90 + i * 40} 360 ${20 + i * 26} 690M${740 + i * 36} 20Q${712 + i * 30} 360 ${820 + i * 24} 690`,
          darker(ink.terracotta, 0.25),
          5,
        ),
      ) +
      circle(1130, 420, 390, ink.saffron, { opacity: 0.12 }) +
      circle(1130, 420, 270, ink.saffron, { opacity: 0.16 }) +
      path('M0 760Q800 700 1600 760V1000H0Z', ink.ember) +
      path('M0 760Q800 700 1600 760V786Q800 726 0 786Z', lighter(ink.ember, 0.25)),
    over:
      ellipse(1130, 800, 150, 30, ink.bark) +
      stroke('M1130 790V500', ink.bark, 22) +
      path('M980 500L1050 290H1210L1280 500Q1130 540 980 500Z', lighter(ink.saffron, 0.35)) +
      path('M1050 290H1130V522Q1040 520 980 500Z', ink.paper, { opacity: 0.45 }) +
      at(
        path('M-90 -70H90Q92 60 0 66Q-92 60 -90 -70Z', ink.teal) +
          ellipse(0, -70, 90, 22, lighter(ink.teal, 0.2)) +
          ellipse(0, -68, 74, 15, ink.bark) +
          stroke('M88 -40q56 -4 44 42q-12 34 -66 26', ink.teal, 16) +
          repeat(2, (i) =>
            stroke(`M${-24 + i * 46} -104q-20 -30 0 -54t0 -50`, ink.cream, 8, { opacity: 0.6 }),
          ),
        820,
        810,
      ) +
      at(
        path('M-190 60L-150 -50H150L190 60Z', ink.paper) +
          path('M-190 60H190V76H-190Z', ink.sand) +
          stroke('M-120 -20H90M-130 10H60', ink.dusk, 5, { opacity: 0.6 }) +
          at(rect(-90, -8, 180, 16, ink.terracotta, { rx: 8 }), 60, 20, -24),
        440,
        850,
      ) +
      [
        [1350, 862, -22],
        [1440, 850, 2],
        [1520, 868, 22],
      ]
        .map(([x = 0, y = 0, a = 0], i) =>
          group(
            card(
              [ink.indigo, ink.terracotta, ink.paper][i] as string,
              path(star(0, 0, 46, 8, 0.45), [ink.saffron, ink.paper, ink.dusk][i] as string),
            ),
            { transform: `translate(${x} ${y}) rotate(${a}) scale(1 .72)` },
          ),
        )
        .join(''),
  }),
  'how-to-choose-a-reader': (_, random) => ({
    light: [960, 620],
    flat:
      rect(0, 0, W, H, ink.night) +
      stars(random, 150, 420) +
      circle(1350, 170, 80, ink.cream) +
      path(moon(1350, 170, 80, 0.42), ink.saffron) +
      rect(0, 210, W, 700, mix(ink.dusk, ink.indigo, 0.5)) +
      rect(0, 200, W, 34, lighter(ink.dusk, 0.1)) +
      rect(0, 850, W, 150, darker(ink.indigo, 0.3)) +
      repeat(6, (i) => {
        const x = 150 + i * 260;
        const open = i === 3;
        const tints = [ink.terracotta, ink.teal, ink.plum, ink.saffron, ink.moss, ink.rose];
        const door = `M${x - 84} 850V450A84 96 0 0 1 ${x + 84} 450V850Z`;
        return (
          path(`M${x - 112} 850V446A112 124 0 0 1 ${x + 112} 446V850Z`, ink.cream) +
          path(door, open ? ink.saffron : (tints[i] as string)) +
          (open
            ? path(`M${x - 84} 850V450A84 96 0 0 1 ${x + 84} 450V850Z`, lighter(ink.saffron, 0.45)) +
              path(`M${x - 84} 850V450A84 96 0 0 1 ${x - 30} 362V900Z`, ink.ember) +
              path(`M${x - 84} 850H${x + 84}L${x + 250} 1000H${x - 150}Z`, ink.saffron, { opacity: 0.75 }) +
              circle(x + 26, 560, 22, ink.ember)
            : path(
                `M${x - 56} 820V660H${x + 56}V820ZM${x - 56} 620V460A56 64 0 0 1 ${x + 56} 460V620Z`,
                darker(tints[i] as string, 0.22),
              ) + circle(x + 64, 640, 9, ink.saffron)) +
          path(star(x, 290, open ? 30 : 16), open ? ink.saffron : ink.mist)
        );
      }) +
      repeat(6, (i) => rect(60 + i * 260, 850, 190, 22, ink.sand)),
  }),
  'what-a-reader-cannot-tell-you': (_, random) => ({
    light: [420, 200],
    flat:
      rect(0, 0, W, H, ink.indigo) +
      stars(random, 190, 760) +
      [420, 560, 700, 840].map((r) => ring(1020, 1000, r, ink.mist, 3, { opacity: 0.25 })).join('') +
      path(
        'M860 40A90 90 0 0 1 1010 10A130 130 0 0 1 1250 20A110 110 0 0 1 1430 90A100 100 0 0 1 1520 250A90 90 0 0 1 1420 380H930A110 110 0 0 1 820 210A100 100 0 0 1 860 40Z',
        mix(ink.mist, ink.indigo, 0.15),
      ) +
      path(
        'M960 190A80 80 0 0 1 1090 140A110 110 0 0 1 1290 160A90 90 0 0 1 1440 260A80 80 0 0 1 1420 380H930A100 100 0 0 1 960 190Z',
        lighter(ink.mist, 0.4),
      ) +
      ridge(random, 800, 90, 4, ink.teal) +
      ridge(random, 900, 60, 5, darker(ink.teal, 0.45)),
    over:
      stroke('M470 640L380 900M470 640L560 900M470 640V880', ink.bark, 20) +
      at(
        rect(-250, -52, 400, 104, ink.ember, { rx: 14 }) +
          rect(150, -68, 130, 136, ink.saffron, { rx: 14 }) +
          rect(-330, -34, 90, 68, ink.terracotta, { rx: 12 }) +
          rect(-70, -52, 26, 104, darker(ink.ember, 0.3)) +
          ellipse(284, 0, 18, 62, ink.night),
        480,
        610,
        -31,
      ) +
      circle(470, 640, 38, ink.bark) +
      circle(470, 640, 16, ink.saffron),
  }),
  'a-short-history-of-tarot': (_, random) => ({
    light: [800, 200],
    flat:
      rect(0, 0, W, H, ink.plum) +
      stars(random, 130, 560) +
      circle(800, 470, 250, ink.ember) +
      circle(800, 470, 190, ink.saffron) +
      [
        [130, 320],
        [330, 420],
        [1270, 380],
        [1470, 300],
      ]
        .map(
          ([x = 0, top = 0], i) =>
            rect(x - 70, top, 140, 500, i % 2 ? ink.terracotta : ink.rose) +
            rect(x + 20, top, 50, 500, i % 2 ? darker(ink.terracotta, 0.22) : darker(ink.rose, 0.2)) +
            (i < 2
              ? repeat(3, (k) => rect(x - 82 + k * 60, top - 44, 44, 50, i % 2 ? ink.terracotta : ink.rose))
              : path(`M${x - 84} ${top}L${x} ${top - 150}L${x + 84} ${top}Z`, ink.indigo)) +
            path(
              `M${x - 22} ${top + 140}V${top + 90}A22 24 0 0 1 ${x + 22} ${top + 90}V${top + 140}Z`,
              ink.saffron,
            ),
        )
        .join('') +
      rect(0, 660, W, 340, ink.indigo) +
      repeat(5, (r) =>
        stroke(
          smooth(
            Array.from({ length: 18 }, (_, i): Point => [i * 110 - 60, 690 + r * 66 + (i % 2 ? 15 : -15)]),
          ),
          r % 2 ? ink.teal : ink.dusk,
          8,
        ),
      ),
    over: [
      [240, 650, -16, 0.85],
      [520, 590, -8, 1.06],
      [820, 560, 3, 1.25],
      [1110, 600, 9, 1.06],
      [1370, 660, 16, 0.85],
    ]
      .map(([x = 0, y = 0, a = 0, s = 1], i) =>
        at(
          path('M-110 140H110Q80 190 0 190T-110 140Z', ink.bark) +
            card(
              ink.paper,
              [
                path(star(0, 0, 52, 8, 0.45), ink.ember),
                path(moon(0, 0, 44, 0.13), ink.dusk),
                circle(0, -6, 36, ink.saffron) +
                  repeat(8, (k) =>
                    stroke('M0 -50V-70', ink.ember, 8, { transform: `translate(0 -6) rotate(${k * 45})` }),
                  ),
                path('M-44 50V-30L-22 0L0 -50L22 0L44 -30V50Z', ink.terracotta),
                ring(0, 0, 40, ink.teal, 14),
              ][i] as string,
              ink.terracotta,
            ),
          x,
          y + Math.abs(i - 2) * 8,
          a,
          s,
        ),
      )
      .join(''),
  }),
  'reading-your-moon-sign': (scene, random) => ({
    light: [800, 330],
    flat:
      rect(0, 0, W, H, scene.linear([0, 0], [0, 680], [0, ink.night], [1, mix(ink.dusk, ink.rose, 0.4)])) +
      stars(random, 140, 420) +
      circle(800, 370, 360, ink.cream, { opacity: 0.1 }) +
      circle(800, 370, 290, ink.cream, { opacity: 0.14 }) +
      circle(800, 370, 222, ink.cream) +
      circle(730, 300, 46, ink.sand) +
      circle(880, 420, 62, ink.sand) +
      circle(760, 480, 30, ink.sand) +
      circle(900, 290, 22, ink.sand) +
      ridge(random, 560, 110, 5, mix(ink.dusk, ink.plum, 0.3)) +
      ridge(random, 620, 90, 6, ink.plum) +
      ridge(random, 680, 60, 4, ink.indigo) +
      rect(0, 690, W, 310, darker(ink.indigo, 0.3)),
    over:
      repeat(11, (i) =>
        rect(800 - 190 + i * 11 + (i % 2) * 30, 716 + i * 25, 380 - i * 22 - (i % 3) * 20, 10, ink.cream, {
          rx: 5,
          opacity: 0.85 - i * 0.05,
        }),
      ) +
      repeat(26, (i) =>
        path(
          `M${i * 64 - 20 + random() * 20} 1010q${random() * 30 - 14} -70 ${random() * 44 - 20} ${-110 - random() * 80}q10 90 22 190Z`,
          ink.night,
        ),
      ),
  }),
  'keeping-a-journal-after-a-reading': () => ({
    light: [340, 260],
    depth: ink.bark,
    flat:
      rect(0, 0, W, H, ink.terracotta) +
      repeat(7, (i) =>
        stroke(
          `M-20 ${90 + i * 150}Q400 ${60 + i * 150 + (i % 2) * 40} 800 ${96 + i * 150}T1640 ${80 + i * 150}`,
          darker(ink.terracotta, 0.14),
          6,
          { opacity: 0.7 },
        ),
      ) +
      at(rect(-490, -310, 980, 640, ink.bark, { rx: 22, opacity: 0.55 }), 840, 540, -5) +
      circle(300, 270, 330, ink.saffron, { opacity: 0.16 }) +
      circle(300, 270, 220, ink.saffron, { opacity: 0.2 }),
    over:
      at(
        rect(-484, -320, 968, 640, ink.indigo, { rx: 18 }) +
          path('M0 -300Q-220 -330 -460 -296V296Q-220 264 0 300Z', ink.paper) +
          path('M0 -300Q220 -330 460 -296V296Q220 264 0 300Z', ink.cream) +
          stroke('M0 -300V300', ink.sand, 7) +
          repeat(9, (i) =>
            stroke(
              `M-410 ${-220 + i * 50}q180 -20 ${i % 3 === 2 ? 200 : 340} 6`,
              i === 4 ? ink.terracotta : ink.dusk,
              6,
              { opacity: 0.65 },
            ),
          ) +
          path(moon(230, -130, 74, 0.13), ink.ember) +
          repeat(4, (i) =>
            stroke(`M70 ${60 + i * 50}q180 -20 ${i === 3 ? 180 : 330} 0`, ink.dusk, 6, { opacity: 0.65 }),
          ) +
          path('M120 -310L140 -350H176L166 -306Z', ink.saffron),
        860,
        520,
        -5,
      ) +
      at(
        rect(-16, -250, 32, 420, ink.teal, { rx: 12 }) +
          rect(-16, -130, 32, 14, ink.saffron) +
          path('M-16 170L0 228L16 170Z', ink.night),
        1400,
        560,
        24,
      ) +
      circle(300, 270, 128, ink.ember) +
      circle(300, 270, 104, darker(ink.ember, 0.25)) +
      circle(300, 270, 84, ink.paper) +
      circle(300, 270, 34, ink.saffron) +
      circle(300, 270, 15, ink.paper) +
      at(
        stroke('M0 0Q150 -40 330 -200', ink.moss, 10) +
          repeat(7, (i) =>
            leaf(40 + i * 44, -6 - i * i * 3.8, 100 - i * 4, i % 2 ? -86 : 12, i % 2 ? ink.sage : ink.moss),
          ),
        120,
        930,
        -6,
      ),
  }),
  'the-agreement-in-the-room': (_, random) => ({
    light: [800, 420],
    flat:
      rect(0, 0, W, H, ink.sage) +
      path('M300 1000V500A500 470 0 0 1 1300 500V1000Z', ink.cream) +
      path('M370 1000V510A430 410 0 0 1 1230 510V1000Z', ink.night) +
      group(stars(random, 110, 800), { transform: 'translate(400 150) scale(.5 .6)' }) +
      path('M370 1000V730Q560 620 800 690T1230 650V1000Z', ink.indigo) +
      circle(800, 420, 300, ink.saffron, { opacity: 0.1 }) +
      circle(800, 420, 210, ink.saffron, { opacity: 0.16 }) +
      rect(0, 830, W, 170, ink.terracotta) +
      ellipse(800, 900, 620, 62, ink.rose) +
      ellipse(800, 900, 540, 46, ink.blush),
    over:
      stroke('M800 0V320', ink.bark, 8) +
      path('M690 430Q700 320 800 316Q900 320 910 430Z', ink.ember) +
      ellipse(800, 430, 110, 22, lighter(ink.saffron, 0.5)) +
      at(chair(ink.dusk), 500, 800, 0, 1.05) +
      at(chair(ink.rose), 1100, 800, 0, 1.05) +
      ellipse(800, 730, 120, 24, ink.bark) +
      stroke('M800 740V890M800 890L740 912M800 890L860 912', ink.bark, 16) +
      at(path('M-26 -34H26Q26 10 0 12Q-26 10 -26 -34Z', ink.paper), 762, 716) +
      at(path('M-26 -34H26Q26 10 0 12Q-26 10 -26 -34Z', ink.paper), 840, 716) +
      [
        [120, 1],
        [1480, -1],
      ]
        .map(
          ([x = 0, side = 1]) =>
            stroke(`M${x} 860Q${x + side * 10} 640 ${x - side * 6} 420`, ink.moss, 12) +
            repeat(7, (i) =>
              leaf(
                x,
                800 - i * 58,
                170 - i * 10,
                -150 + (i % 2) * 120,
                i % 2 ? ink.moss : darker(ink.moss, 0.3),
              ),
            ) +
            path(`M${x - 76} 830H${x + 76}L${x + 56} 960H${x - 56}Z`, ink.paper),
        )
        .join(''),
  }),
  'asking-a-better-question': (_, random) => ({
    light: [820, 250],
    flat:
      rect(0, 0, W, H, ink.teal) +
      stars(random, 160, 640) +
      circle(820, 470, 400, mix(ink.teal, ink.saffron, 0.18)) +
      circle(820, 470, 310, mix(ink.teal, ink.saffron, 0.34)) +
      circle(820, 470, 220, mix(ink.teal, ink.saffron, 0.55)) +
      ridge(random, 690, 60, 5, ink.moss) +
      ridge(random, 760, 40, 4, mix(ink.moss, ink.sage, 0.4)) +
      path('M770 740H880Q900 800 1010 840T1180 1000H420Q520 880 680 830T770 740Z', ink.sand) +
      repeat(90, () => {
        const [x, y] = [random() * W, 800 + random() * 200];
        const d = Math.abs(x - 800);
        return d < 190 + (y - 780) * 1.3
          ? ''
          : stroke(
              `M${x.toFixed(0)} ${y.toFixed(0)}q${(random() * 12 - 6).toFixed(0)} -26 ${(random() * 24 - 12).toFixed(0)} -50`,
              random() > 0.7 ? ink.saffron : ink.sage,
              6,
            );
      }),
    over:
      ellipse(830, 784, 120, 20, ink.bark, { opacity: 0.5 }) +
      ring(824, 210, 112, ink.ember, 40) +
      ring(824, 210, 112, ink.saffron, 22) +
      circle(824, 210, 34, ink.saffron) +
      path(star(824, 210, 64, 8, 0.42), ink.paper) +
      rect(800, 330, 48, 450, ink.saffron, { rx: 10 }) +
      rect(828, 330, 20, 450, ink.ember, { rx: 8 }) +
      rect(780, 330, 88, 36, ink.ember, { rx: 14 }) +
      path('M848 610H960V660H930V690H960V750H848Z', ink.saffron) +
      repeat(6, (i) => circle(824, 60, 15, ink.ember, { transform: `rotate(${i * 60} 824 210)` })),
  }),
  'the-book-of-changes-in-one-evening': () => ({
    light: [1180, 220],
    depth: ink.dusk,
    flat:
      rect(0, 0, W, H, ink.cream) +
      circle(1160, 320, 190, ink.terracotta) +
      [1, 0, 1, 1, 0, 0]
        .map((whole, i) =>
          whole
            ? rect(190, 120 + i * 74, 520, 36, ink.night, { rx: 5 })
            : rect(190, 120 + i * 74, 226, 36, ink.night, { rx: 5 }) +
              rect(484, 120 + i * 74, 226, 36, ink.night, { rx: 5 }),
        )
        .join('') +
      path('M420 1000L760 560L860 660L1040 350L1190 600L1270 520L1640 1000Z', ink.dusk) +
      path('M1040 350L964 480L1010 530L1050 484L1090 540L1130 500Z', ink.paper) +
      path('M-40 1000V840Q160 640 360 800T760 900V1000Z', ink.teal),
    over:
      repeat(6, (i) =>
        stroke(`M${460 + ((i * 257) % 620)} ${640 + i * 42}h${460 - i * 34}`, ink.paper, 24, {
          opacity: 0.75,
        }),
      ) +
      path('M0 1000V900Q400 830 820 920T1600 880V1000Z', ink.indigo) +
      at(
        stroke('M0 0Q-20 -120 30 -230Q70 -300 160 -320', ink.bark, 18) +
          stroke('M6 -110Q-60 -150 -110 -140M40 -240Q0 -300 -40 -306', ink.bark, 11) +
          [
            [170, -326, 100],
            [-110, -150, 82],
            [-40, -316, 72],
            [90, -290, 70],
          ]
            .map(
              ([x = 0, y = 0, r = 0]) =>
                ellipse(x, y, r, r * 0.42, ink.moss) + ellipse(x - 8, y - 10, r * 0.7, r * 0.24, ink.sage),
            )
            .join(''),
        1330,
        900,
      ) +
      repeat(3, (i) =>
        stroke(`M${880 + i * 74} ${170 + (i % 2) * 40}q22 -26 40 0q18 -26 40 0`, ink.night, 6),
      ),
  }),
  'an-extra-place-at-the-table': (_, random) => ({
    light: [800, 380],
    depth: darker(ink.moss, 0.6),
    flat:
      rect(0, 0, W, H, ink.moss) +
      rect(480, 50, 640, 560, ink.cream, { rx: 8 }) +
      rect(510, 80, 580, 500, ink.night) +
      at(stars(random, 70, 1000), 510, 80, 0, 0.36) +
      circle(930, 230, 92, ink.cream) +
      circle(900, 206, 20, ink.sand) +
      circle(960, 262, 28, ink.sand) +
      path('M510 580V500Q640 420 790 480T1090 450V580Z', ink.teal) +
      stroke('M800 80V580M510 330H1090', ink.cream, 17) +
      at(chair(darker(ink.terracotta, 0.1)), 330, 760, 0, 1.2) +
      at(chair(ink.ember), 1270, 760, 0, 1.2),
    over:
      path('M120 720Q800 660 1480 720L1560 1000H40Z', ink.paper) +
      path('M120 720Q800 660 1480 720L1490 752Q800 692 112 752Z', ink.sand) +
      repeat(7, (i) =>
        stroke(`M${200 + i * 200} ${760 - Math.abs(3 - i) * -6}L${150 + i * 216} 1000`, ink.sand, 4, {
          opacity: 0.6,
        }),
      ) +
      [420, 1180]
        .map(
          (x) =>
            ellipse(x, 840, 190, 54, ink.dusk) +
            ellipse(x, 832, 190, 54, ink.mist) +
            ellipse(x, 830, 126, 33, lighter(ink.mist, 0.45)) +
            stroke(`M${x - 230} 800L${x - 250} 880M${x + 230} 800L${x + 250} 880`, ink.dusk, 11),
        )
        .join('') +
      at(
        rect(-26, -150, 52, 160, ink.cream, { rx: 5 }) +
          ellipse(0, 14, 84, 20, ink.ember) +
          at(flame(0.72), 0, -154),
        800,
        800,
      ) +
      at(
        path('M-44 -60H44Q44 40 0 44Q-44 40 -44 -60Z', ink.terracotta) +
          ellipse(0, -60, 44, 11, darker(ink.terracotta, 0.4)),
        640,
        800,
      ) +
      at(
        path('M-44 -60H44Q44 40 0 44Q-44 40 -44 -60Z', ink.terracotta) +
          ellipse(0, -60, 44, 11, darker(ink.terracotta, 0.4)),
        960,
        800,
      ),
  }),
  'the-longest-night': (scene, random) => ({
    light: [760, 720],
    flat:
      rect(0, 0, W, H, scene.linear([0, 0], [0, 760], [0, darker(ink.night, 0.3)], [1, ink.dusk])) +
      repeat(70, () =>
        circle(200 + random() * 1200 + random() * 100, 60 + random() * 520, 1 + random() * 2, ink.mist, {
          opacity: 0.7,
        }),
      ) +
      path('M-60 640C360 470 760 330 1660 -40V110C900 420 420 560 -60 760Z', ink.mist, { opacity: 0.13 }) +
      path('M-60 690C360 520 760 380 1660 40V70C900 420 420 560 -60 720Z', ink.paper, { opacity: 0.13 }) +
      stars(random, 260, 640) +
      path(star(420, 170, 62), ink.paper) +
      ridge(random, 700, 200, 4, ink.indigo) +
      ridge(random, 760, 130, 6, mix(ink.dusk, ink.mist, 0.4)) +
      ridge(random, 850, 50, 3, ink.mist) +
      path('M-20 900Q400 800 860 880T1620 850V1010H-20Z', ink.paper),
    over:
      repeat(15, (i) => {
        const x = i < 8 ? 40 + i * 62 : 1010 + (i - 8) * 92;
        const s = 0.6 + ((i * 37) % 10) / 14;
        return at(
          path(
            'M0 -230L50 -120H28L70 -40H40L86 40H-86L-40 -40H-70L-28 -120H-50Z',
            i % 2 ? ink.teal : darker(ink.teal, 0.35),
          ) +
            path('M0 -230L24 -178L4 -188L-14 -170ZM-50 -120L0 -136L50 -120L20 -108L-10 -118Z', ink.paper) +
            rect(-9, 40, 18, 28, ink.bark),
          x,
          860 + ((i * 53) % 60),
          0,
          s,
        );
      }) +
      circle(760, 800, 190, ink.saffron, { opacity: 0.14 }) +
      at(
        rect(-110, -90, 220, 150, ink.terracotta) +
          path('M-146 -84L0 -200L146 -84Z', ink.paper) +
          path('M-146 -84L0 -200L30 -176L-96 -84Z', ink.cream) +
          rect(50, -200, 34, 76, ink.bark) +
          rect(-64, -54, 76, 70, lighter(ink.saffron, 0.3)) +
          stroke('M-26 -54V16M-64 -19H12', ink.bark, 6) +
          path('M44 60V-14A24 24 0 0 1 92 -14V60Z', ink.bark) +
          stroke('M66 -210q-20 -40 10 -70t0 -80', ink.mist, 15, { opacity: 0.5 }) +
          path('M-64 60H12L70 160H-150Z', ink.saffron, { opacity: 0.4 }),
        760,
        850,
      ),
  }),
  'listening-to-a-dream': (scene, random) => {
    const tints = [ink.terracotta, ink.ember, ink.rose, ink.sage, ink.cream, ink.teal];
    const quilt = 'M440 790Q500 560 820 590T1240 610Q1480 640 1620 760V1010H330Q400 900 440 790Z';
    return {
      light: [300, 200],
      flat:
        rect(0, 0, W, H, ink.indigo) +
        stars(random, 170, 600) +
        circle(1250, 210, 120, ink.saffron) +
        path(moon(1250, 210, 120, 0.36), ink.cream) +
        ridge(random, 520, 120, 5, mix(ink.indigo, ink.dusk, 0.5)) +
        ridge(random, 590, 80, 6, mix(ink.indigo, ink.teal, 0.6)) +
        at(
          rect(-60, -60, 120, 84, ink.terracotta) +
            path('M-80 -56L0 -124L80 -56Z', ink.plum) +
            rect(-22, -36, 40, 36, ink.saffron),
          1040,
          540,
          0,
          0.8,
        ) +
        repeat(5, (i) =>
          path(`M${560 + i * 74} 560l26 -${80 + (i % 3) * 30}l26 ${80 + (i % 3) * 30}Z`, ink.moss),
        ) +
        rect(0, 430, 70, 570, ink.bark, { rx: 20 }) +
        rect(0, 760, W, 240, darker(ink.plum, 0.2)),
      over:
        path(
          smooth(
            [
              [60, 800],
              [80, 640],
              [230, 590],
              [440, 620],
              [470, 760],
              [340, 850],
              [120, 860],
            ],
            true,
          ),
          ink.paper,
        ) +
        path('M100 700Q120 640 230 630', 'none', {
          stroke: ink.sand,
          'stroke-width': 7,
          'stroke-linecap': 'round',
        }) +
        at(
          path(
            smooth(
              [
                [-120, 40],
                [-150, -70],
                [-60, -150],
                [70, -130],
                [120, -30],
                [90, 70],
                [-20, 90],
              ],
              true,
            ),
            ink.bark,
          ) +
            path(
              smooth(
                [
                  [-30, -70],
                  [60, -80],
                  [104, 0],
                  [88, 84],
                  [10, 110],
                  [-50, 60],
                  [-60, -10],
                ],
                true,
              ),
              '#d9a57b',
            ) +
            stroke('M6 6q20 18 42 2M72 4q12 8 20 -4', ink.bark, 6) +
            path('M56 10Q80 40 66 48Q54 50 50 44', 'none', {
              stroke: '#b27850',
              'stroke-width': 6,
              'stroke-linecap': 'round',
            }) +
            stroke('M36 74q18 12 36 -2', ink.terracotta, 7) +
            circle(10, 52, 17, ink.rose, { opacity: 0.6 }) +
            path(
              smooth(
                [
                  [-100, -50],
                  [-40, -120],
                  [50, -104],
                  [70, -76],
                  [-10, -64],
                  [-60, 10],
                ],
                true,
              ),
              ink.bark,
            ),
          290,
          706,
          -8,
          1.08,
        ) +
        path(quilt, ink.dusk) +
        group(
          repeat(7 * 15, (i) => {
            const [c, r] = [i % 15, Math.floor(i / 15)];
            const [x, y] = [310 + c * 92 + (r % 2) * 14, 560 + r * 88];
            const tint = tints[(c * 5 + r * 3) % 6] as string;
            return (
              rect(x, y, 88, 84, tint, { transform: `rotate(${((c + r) % 3) * 2 - 2} ${x} ${y})` }) +
              ((c + r) % 4 === 0
                ? path(star(x + 44, y + 42, 30, 4, 0.4), ink.night)
                : (c + r) % 4 === 2
                  ? circle(x + 44, y + 42, 20, ink.indigo)
                  : '')
            );
          }),
          { 'clip-path': scene.clip(path(quilt, '#000')) },
        ),
    };
  },
};

/** An article's cover, 1600 × 1000. */
export function cover(slug: string): Scene {
  const scene = newScene(W, H);
  const make = pictures[slug];
  if (!make) throw new Error(`nobody has said what the cover of ${slug} looks like`);
  const { light = [500, 240], depth = ink.night, flat, over = '' } = make(scene, seeded(slug));
  scene.flat(flat);
  scene.grain(
    rect(0, 0, W, H, scene.radial(light[0], light[1], 1150, [0.34, depth, 0], [1, depth, 0.5])),
    ellipse(
      light[0],
      light[1],
      620,
      460,
      scene.radial(light[0], light[1], 560, [0, '#fff3df', 0.2], [1, '#fff3df', 0]),
    ),
  );
  if (over) {
    scene.flat(over);
    scene.grain(rect(0, 0, W, H, scene.linear([0, 520], [0, 1000], [0, depth, 0], [1, depth, 0.28])));
  }
  return scene;
}
