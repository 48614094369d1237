import {
  circle,
  ellipse,
  group,
  newScene,
  type Point,
  path,
  rect,
  repeat,
  ring,
  type Scene,
  smooth,
  star,
  stroke,
} from './draw.ts';
import { darker, ink, lighter, mix } from './palette.ts';

const leaf = (x: number, y: number, length: number, angle: number, colour: string) =>
  path(`M0 0Q${length * 0.35} ${-length * 0.34} ${length} 0Q${length * 0.35} ${length * 0.34} 0 0Z`, colour, {
    transform: `translate(${x} ${y}) rotate(${angle})`,
  });

/** What a gift shows; `shape` takes the shading. */
const objects: Record<string, (scene: Scene) => { shape: string; flat: string }> = {
  star: () => {
    const d = smoothStar(256, 262, 176, 5);
    return {
      shape: path(d, '#000'),
      flat:
        path(d, ink.saffron) +
        path(smoothStar(256, 262, 104, 5), lighter(ink.saffron, 0.4)) +
        circle(256, 262, 20, ink.ember),
    };
  },
  clover: () => {
    const heart = 'M0 0C-100 -46 -92 -150 -34 -146Q-6 -142 0 -112Q6 -142 34 -146C92 -150 100 -46 0 0Z';
    const four = repeat(4, (at) =>
      path(heart, at % 2 ? ink.sage : mix(ink.sage, ink.moss, 0.4), {
        transform: `translate(256 226) rotate(${at * 90 + 45})`,
      }),
    );
    return {
      shape: four,
      flat:
        stroke('M258 230Q262 350 330 434', ink.moss, 17) +
        four +
        repeat(4, (at) =>
          stroke('M0 -14V-96M0 -50L-26 -84M0 -50L26 -84', ink.moss, 5, {
            transform: `translate(256 226) rotate(${at * 90 + 45})`,
            opacity: 0.7,
          }),
        ),
    };
  },
  feather: (scene) => {
    const d = 'M120 440C110 300 170 110 392 62C420 190 360 340 214 390L222 352L178 402Z';
    return {
      shape: path(d, '#000'),
      flat:
        path(d, ink.dusk) +
        path(
          'M148 396C170 270 250 150 392 62C420 190 360 340 214 390L222 352L178 402Z',
          mix(ink.dusk, ink.mist, 0.6),
        ) +
        stroke('M92 478C140 360 230 190 386 70', ink.paper, 8) +
        group(
          repeat(8, (at) =>
            stroke(
              `M${170 + at * 30} ${356 - at * 40}q60 6 130 -44M${170 + at * 30} ${356 - at * 40}q-10 -60 10 -120`,
              ink.indigo,
              4,
              { opacity: 0.35 },
            ),
          ),
          { 'clip-path': scene.clip(path(d, '#000')) },
        ),
    };
  },
  candle: () => {
    const wax = 'M200 210Q256 236 312 210V390H200Z';
    return {
      shape: path(wax, '#000') + path('M112 388H400Q386 456 256 456T112 388Z', '#000'),
      flat:
        circle(256, 128, 104, ink.saffron, { opacity: 0.28 }) +
        path('M374 384a44 44 0 1 1 30 66', 'none', { stroke: ink.ember, 'stroke-width': 18 }) +
        path(wax, ink.paper) +
        ellipse(256, 212, 56, 17, ink.cream) +
        path('M200 214q14 70 26 8Z', ink.cream) +
        path('M112 388H400Q386 456 256 456T112 388Z', ink.ember) +
        ellipse(256, 388, 144, 22, lighter(ink.ember, 0.3)) +
        path('M200 372H312V388Q256 404 200 388Z', ink.paper) +
        stroke('M256 212V182', ink.bark, 7) +
        path('M256 46C312 118 304 184 256 188C208 184 200 118 256 46Z', ink.ember) +
        path('M256 104C282 140 280 180 256 182C232 180 230 140 256 104Z', ink.paper),
    };
  },
  'cup-of-tea': () => {
    const cup = 'M116 232H364Q364 392 240 396Q116 392 116 232Z';
    return {
      shape: path(cup, '#000'),
      flat:
        ellipse(244, 414, 182, 34, ink.dusk) +
        ellipse(244, 406, 182, 34, ink.mist) +
        stroke('M360 256q76 -10 62 58q-14 50 -92 42', ink.terracotta, 22) +
        path(cup, ink.terracotta) +
        ellipse(240, 232, 124, 32, lighter(ink.terracotta, 0.3)) +
        ellipse(240, 236, 106, 23, ink.ember) +
        repeat(3, (at) =>
          stroke(`M${186 + at * 54} 190q-26 -36 0 -64t0 -62`, ink.mist, 11, { opacity: 0.8 }),
        ) +
        path(star(240, 316, 42, 8, 0.5), ink.paper),
    };
  },
  rose: () => {
    const bloom = smooth(
      [
        [256, 66],
        [340, 92],
        [374, 172],
        [340, 250],
        [256, 284],
        [172, 250],
        [138, 172],
        [172, 92],
      ],
      true,
    );
    return {
      shape: path(bloom, '#000'),
      flat:
        stroke('M256 270Q246 380 270 478', ink.moss, 15) +
        leaf(258, 372, 118, -28, ink.sage) +
        leaf(256, 404, 122, 212, ink.moss) +
        path(bloom, ink.terracotta) +
        path('M138 172Q150 270 256 284Q196 240 196 168Q160 150 138 172Z', darker(ink.terracotta, 0.2)) +
        path('M374 172Q362 270 256 284Q330 232 322 164Q352 148 374 172Z', darker(ink.terracotta, 0.2)) +
        path('M196 168Q200 250 256 284Q318 240 322 164Q256 214 196 168Z', lighter(ink.terracotta, 0.14)) +
        path('M204 122Q256 70 310 122Q318 180 256 188Q196 180 204 122Z', ink.rose) +
        stroke('M228 132Q258 102 286 132Q292 164 256 166Q238 160 246 142', ink.terracotta, 8) +
        path('M206 274Q256 306 306 274Q290 322 256 318Q222 322 206 274Z', ink.moss),
    };
  },
  key: () => {
    const bow = ring(190, 168, 78, ink.saffron, 32);
    const solid = 'M190 74A94 94 0 1 1 189 74ZM190 106A62 62 0 1 0 191 106Z';
    const shaft = stroke('M246 226L424 404M372 352L414 310M414 394L448 360', ink.saffron, 34);
    return {
      shape: path(solid, '#000') + path('M244 246L264 226L442 404L424 420Z', '#000'),
      flat:
        shaft +
        bow +
        circle(190, 168, 28, ink.ember) +
        path(star(190, 168, 22, 4, 0.4), ink.paper) +
        repeat(8, (at) => circle(190, 68, 14, ink.ember, { transform: `rotate(${at * 45 + 22} 190 168)` })) +
        circle(258, 238, 28, ink.ember),
    };
  },
  lantern: () => {
    const glass = 'M172 188H340L366 384H146Z';
    return {
      shape: path('M134 384H378L390 436H122ZM196 130H316L352 188H160Z', '#000'),
      flat:
        circle(256, 286, 196, ink.saffron, { opacity: 0.24 }) +
        path('M190 140Q190 44 256 44T322 140', 'none', { stroke: ink.indigo, 'stroke-width': 13 }) +
        path(glass, mix(ink.saffron, ink.paper, 0.55)) +
        circle(256, 308, 66, ink.saffron, { opacity: 0.7 }) +
        path('M256 220C300 276 296 346 256 350C216 346 212 276 256 220Z', ink.ember) +
        path('M256 276C278 306 276 346 256 348C236 346 234 306 256 276Z', ink.paper) +
        stroke('M172 188L146 384M340 188L366 384M256 188V222M256 352V384', ink.indigo, 12) +
        path('M196 130H316L352 188H160Z', ink.indigo) +
        path('M134 384H378L390 436H122Z', ink.indigo) +
        rect(176, 176, 160, 14, ink.ember) +
        rect(130, 384, 252, 13, ink.ember),
    };
  },
  moon: () => {
    const d = 'M312 56A206 206 0 1 0 442 350A176 176 0 0 1 312 56Z';
    return {
      shape: path(d, '#000'),
      flat:
        path(d, ink.saffron) +
        stroke('M232 216q24 22 50 4', ink.bark, 8) +
        stroke('M236 228l-6 13M256 234v13M272 230l7 11', ink.bark, 5) +
        stroke('M292 176Q266 250 300 274', ink.ember, 8) +
        stroke('M256 326q34 24 62 2', ink.terracotta, 10) +
        circle(214, 292, 30, ink.ember, { opacity: 0.5 }) +
        path(star(404, 138, 44, 4), ink.paper, { stroke: ink.ember, 'stroke-width': 3 }) +
        path(star(446, 232, 24, 4), ink.paper, { stroke: ink.ember, 'stroke-width': 2 }),
    };
  },
  comet: () => {
    const tail = 'M360 130C250 150 110 260 46 456C140 340 290 270 392 226Z';
    return {
      shape: path(tail, '#000'),
      flat:
        path(tail, ink.dusk) +
        path('M360 150C270 180 150 280 80 410C170 320 300 250 388 214Z', ink.ember) +
        path('M364 160C300 190 210 260 150 330C220 280 310 230 384 206Z', ink.saffron) +
        circle(370, 172, 76, ink.saffron) +
        path(smoothStar(370, 172, 118, 8), ink.paper) +
        circle(370, 172, 40, ink.saffron) +
        path(star(120, 170, 30), ink.mist) +
        path(star(300, 410, 24), ink.mist),
    };
  },
  observatory: () => {
    const dome = 'M112 262A144 144 0 0 1 400 262Z';
    return {
      shape: path(dome, '#000') + rect(134, 280, 244, 128, '#000'),
      flat:
        path('M36 452Q140 374 256 388T476 452Z', ink.moss) +
        rect(134, 270, 244, 150, ink.paper) +
        rect(312, 270, 66, 150, ink.sand) +
        path(dome, ink.indigo) +
        path('M256 262Q258 160 312 106L358 140Q308 186 306 262Z', ink.saffron) +
        group(rect(-16, -132, 32, 140, ink.mist, { rx: 6 }) + rect(-22, -140, 44, 24, ink.ember, { rx: 6 }), {
          transform: 'translate(286 246) rotate(34)',
        }) +
        rect(104, 256, 304, 22, ink.ember, { rx: 8 }) +
        path('M228 420V350A28 28 0 0 1 284 350V420Z', ink.terracotta) +
        circle(176, 334, 17, ink.saffron) +
        circle(340, 334, 17, ink.saffron) +
        path(star(424, 84, 34), ink.saffron) +
        path(star(92, 120, 24), ink.saffron) +
        path(star(456, 176, 15), ink.saffron),
    };
  },
  sunrise: (scene) => {
    const all = scene.clip(circle(256, 256, 218, '#000'));
    return {
      shape: circle(256, 256, 218, '#000'),
      flat:
        group(
          rect(0, 0, 512, 512, ink.rose) +
            repeat(14, (at) =>
              path('M256 310L216 -200H296Z', lighter(ink.rose, 0.35), {
                transform: `rotate(${at * 25.7} 256 310)`,
              }),
            ) +
            circle(256, 310, 112, ink.ember) +
            circle(256, 310, 88, ink.saffron) +
            rect(0, 312, 512, 200, ink.indigo) +
            repeat(5, (at) =>
              stroke(
                smooth(
                  Array.from(
                    { length: 10 },
                    (_, i): Point => [i * 60 - 10, 338 + at * 34 + (i % 2 ? 8 : -8)],
                  ),
                ),
                at % 2 ? ink.dusk : ink.teal,
                9,
              ),
            ) +
            repeat(4, (at) =>
              rect(256 - 60 + at * 13, 330 + at * 32, 120 - at * 26, 11, ink.saffron, { rx: 5 }),
            ),
          { 'clip-path': all },
        ) + ring(256, 256, 218, ink.saffron, 12),
    };
  },
};

/** A star with soft tips. */
function smoothStar(x: number, y: number, r: number, points: number): string {
  const ringOf = Array.from({ length: points * 2 }, (_, at): Point => {
    const angle = (at * Math.PI) / points - Math.PI / 2;
    const reach = at % 2 ? r * 0.5 : r;
    return [x + Math.cos(angle) * reach, y + Math.sin(angle) * reach];
  });
  return smooth(ringOf, true);
}

/** A gift, 512 × 512, on nothing. */
export function gift(slug: string): Scene {
  const scene = newScene(512, 512);
  const make = objects[slug];
  if (!make) throw new Error(`nobody has said what the gift ${slug} looks like`);
  const { shape, flat } = make(scene);
  scene.flat(flat);
  const inside = scene.clip(shape);
  scene.grain(
    group(
      rect(0, 0, 512, 512, scene.linear([150, 120], [420, 440], [0.3, ink.plum, 0], [1, ink.plum, 0.5])) +
        circle(180, 150, 150, scene.radial(180, 150, 150, [0, '#fff3df', 0.4], [1, '#fff3df', 0])),
      { 'clip-path': inside },
    ),
  );
  return scene;
}
