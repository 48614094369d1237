import { bodyOf, clothes } from './clothes.ts';
import { ellipse, group, newScene, path, rect, type Scene, seeded } from './draw.ts';
import { beard, earrings, ears, features, glasses, outline, shapeOf, skins } from './face.ts';
import { hair } from './hair.ts';
import { looks } from './looks.ts';
import { motifs } from './motifs.ts';
import { darker, ink, lighter, mix } from './palette.ts';

/** A reader's portrait, 960 × 1200: head and shoulders before a hint at their craft. */
export function portrait(slug: string): Scene {
  const look = looks[slug];
  if (!look) throw new Error(`nobody has said what ${slug} looks like`);
  const scene = newScene(960, 1200);
  const random = seeded(slug);
  const tones = skins[look.skin];
  const ground = ink[look.ground];
  const shape = shapeOf(look);
  const crop = hair(look, shape.temple, random);
  const worn = clothes(look, tones, scene);
  const body = bodyOf(look);
  const head = (svg: string) =>
    group(svg, {
      transform: `translate(480 ${look.hair === 'head-wrap' || look.hair === 'braids-up' || look.hair === 'high-bun' ? 545 : 520}) rotate(${look.tilt}) scale(1.22)`,
    });
  const face = outline(look);
  const inFace = scene.clip(path(face, '#000'));
  const depth = darker(ground, 0.6);
  const cloth = ink[look.clothesColour];
  const wound = ['fedora', 'turban', 'headscarf', 'head-wrap'].includes(look.hair)
    ? ink[look.cloth ?? 'night']
    : look.hairColour;
  const dark = look.turn > 0 ? 1 : -1;

  // Behind
  scene.flat(
    rect(
      0,
      0,
      960,
      1200,
      scene.linear([0, 0], [0, 1200], [0, lighter(ground, 0.05)], [1, darker(ground, 0.14)]),
    ),
    motifs[look.motif]({ ground, disc: ink[look.disc], accent: ink[look.accent], random, scene }),
  );
  scene.grain(
    rect(0, 0, 960, 1200, scene.radial(480, 470, 800, [0.4, depth, 0], [1, depth, 0.5])),
    rect(0, 640, 960, 560, scene.linear([0, 640], [0, 1200], [0, depth, 0], [1, depth, 0.45])),
  );

  // Body and head
  const under = mix(tones.shade, tones.line, 0.35);
  scene.flat(head(crop.back), worn.behind, worn.under);
  const inBody = scene.clip(path(body.outline, '#000'));
  scene.grain(
    group(
      ellipse(
        480 + dark * 16,
        768,
        170,
        92,
        scene.radial(480 + dark * 16, 750, 150, [0.3, under, 0.95], [1, under, 0]),
      ),
      { 'clip-path': inBody },
    ),
  );
  const bearded = beard(look);
  scene.flat(worn.over, head((crop.hidesEars ? '' : ears(look, tones)) + path(face, tones.base)));
  scene.grain(
    group(
      rect(
        0,
        820,
        960,
        380,
        scene.linear(
          [480 - dark * 330, 900],
          [480 + dark * 430, 1160],
          [0.25, darker(cloth, 0.5), 0],
          [1, darker(cloth, 0.5), 0.6],
        ),
      ),
      { 'clip-path': inBody },
    ),
    head(
      group(
        // The side away from the light, the hollows of the eyes, under hair and lip; then some colour in the cheeks.
        rect(
          -200,
          -260,
          400,
          520,
          scene.linear(
            [-dark * 20, -30],
            [dark * 160, 40],
            [0, tones.shade, 0],
            [0.6, tones.shade, 0.5],
            [1, tones.shade, 0.95],
          ),
        ) +
          ellipse(
            0,
            -150,
            200,
            90,
            scene.radial(0, -170, 150, [0.3, tones.shade, 0.7], [1, tones.shade, 0]),
          ) +
          ellipse(
            look.turn * 24 - 60,
            -6,
            62,
            44,
            scene.radial(look.turn * 24 - 60, -8, 60, [0, tones.shade, 0.5], [1, tones.shade, 0]),
          ) +
          ellipse(
            look.turn * 24 + 60,
            -6,
            62,
            44,
            scene.radial(look.turn * 24 + 60, -8, 60, [0, tones.shade, 0.5], [1, tones.shade, 0]),
          ) +
          ellipse(
            look.turn * 20 - 82,
            78,
            56,
            44,
            scene.radial(look.turn * 20 - 82, 78, 56, [0, tones.blush, 0.75], [1, tones.blush, 0]),
          ) +
          ellipse(
            look.turn * 20 + 82,
            78,
            56,
            44,
            scene.radial(look.turn * 20 + 82, 78, 56, [0, tones.blush, 0.75], [1, tones.blush, 0]),
          ) +
          ellipse(
            0,
            shape.bottom + 6,
            110,
            46,
            scene.radial(0, shape.bottom + 10, 100, [0, tones.shade, 0.8], [1, tones.shade, 0]),
          ),
        { 'clip-path': inFace },
      ),
    ),
  );

  // In front
  scene.flat(
    head(
      bearded.shape +
        bearded.detail +
        features(look, tones, (svg) => scene.clip(svg)) +
        bearded.moustache +
        earrings(look) +
        (look.hair === 'headscarf' ? '' : glasses(look)) +
        crop.front,
    ),
  );
  const inHair = scene.clip(crop.shape);
  scene.grain(
    head(
      group(
        rect(
          -320,
          -460,
          640,
          1000,
          scene.linear(
            [-dark * 120, -300],
            [dark * 220, 120],
            [0.2, darker(wound, 0.5), 0],
            [1, darker(wound, 0.5), 0.7],
          ),
        ) +
          ellipse(
            -dark * 70,
            -190,
            130,
            80,
            scene.radial(-dark * 70, -200, 130, [0, '#fff3df', 0.32], [1, '#fff3df', 0]),
          ),
        { 'clip-path': inHair },
      ),
    ),
  );
  return scene;
}
