import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { cover } from './cover.ts';
import { print, type Scene } from './draw.ts';
import { gift } from './gift.ts';
import { portrait } from './portrait.ts';
import { product } from './product.ts';

const makers: Record<string, (slug: string) => Scene> = {
  portraits: portrait,
  covers: cover,
  products: product,
  gifts: gift,
};
const FORMAT = { quality: 55, effort: 2, chromaSubsampling: '4:2:0' } as const;
/** Raise it when the press itself (draw.ts, `print`) changes: recipes are SVG and wouldn't notice. */
const PRESS = 1;

/** How a picture is drawn. Throws when nobody knows how. */
export function sceneOf(file: string): Scene {
  const [, kind = '', slug = ''] = /^([a-z]+)\/([a-z0-9-]+)\.avif$/.exec(file) ?? [];
  const maker = makers[kind];
  if (!maker) throw new Error(`nobody draws ${file}`);
  return maker(slug);
}

const recipeOf = (scene: Scene) =>
  createHash('sha256')
    .update(JSON.stringify([PRESS, FORMAT, scene.width, scene.height, scene.layers()]))
    .digest('hex')
    .slice(0, 32);

/** Draws one picture as AVIF. */
export async function drawPicture(scene: Scene): Promise<Buffer> {
  const printed = await print({ width: scene.width, height: scene.height, layers: scene.layers() });
  return printed.avif(FORMAT).toBuffer();
}

/** Written beside it first, so that a stop half-way leaves nothing broken behind. */
function replaceFile(file: string, content: string | Buffer) {
  writeFileSync(`${file}.new`, content);
  renameSync(`${file}.new`, file);
}

/** Draws whatever isn't there yet, or is there by another recipe. `say` gets a line for each picture of each kind. */
export async function drawAll(dir: string, files: string[], say: (line: string) => void): Promise<void> {
  const manifestFile = join(dir, 'manifest.json');
  const manifest: Record<string, string> = existsSync(manifestFile)
    ? JSON.parse(readFileSync(manifestFile, 'utf8'))
    : {};
  const waiting = files
    .map((file) => ({ file, scene: sceneOf(file) }))
    .map((each) => ({ ...each, recipe: recipeOf(each.scene) }))
    .filter(({ file, recipe }) => manifest[file] !== recipe || !existsSync(join(dir, file)));

  const kindOf = (file: string) => file.slice(0, file.indexOf('/'));
  const total = new Map<string, number>();
  for (const { file } of waiting) total.set(kindOf(file), (total.get(kindOf(file)) ?? 0) + 1);
  const done = new Map<string, number>();

  const work = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const { file, scene, recipe } = next;
      const target = join(dir, file);
      mkdirSync(dirname(target), { recursive: true });
      replaceFile(target, await drawPicture(scene));
      manifest[file] = recipe;
      const kind = kindOf(file);
      done.set(kind, (done.get(kind) ?? 0) + 1);
      replaceFile(manifestFile, `${JSON.stringify(manifest, null, 1)}\n`);
      say(`${kind} ${done.get(kind)}/${total.get(kind)}`);
    }
  };
  const count = waiting.length;
  mkdirSync(dir, { recursive: true });
  await Promise.all(Array.from({ length: 3 }, work));
  say(count ? `${count} pictures drawn, ${files.length - count} kept` : `all ${files.length} pictures kept`);
}
