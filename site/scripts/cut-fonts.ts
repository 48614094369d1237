// pnpm --filter site fonts: cuts what the design uses out of the packages' typefaces into src/styles/fonts, from where they
// are served. Fraunces at one optical size (the finest cut has hairlines that vanish on a screen) and the weights between its
// lightest and strongest heading, its italic in one weight, Figtree between text and emphasis. No letter is left out.
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import subset from 'subset-font';

const require = createRequire(import.meta.url);
const FAMILIES = {
  fraunces: path.dirname(require.resolve('@fontsource-variable/fraunces/package.json')),
  figtree: path.dirname(require.resolve('@fontsource-variable/figtree/package.json')),
};
const OUT = path.join(import.meta.dirname, '../src/styles/fonts');
const upright = { opsz: 48, wght: { min: 380, max: 600 } };
const italic = { opsz: 48, wght: 400 };
const text = { wght: { min: 400, max: 700 } };

for (const [family, file, axes] of [
  ['fraunces', 'fraunces-latin-opsz-normal', upright],
  ['fraunces', 'fraunces-latin-ext-opsz-normal', upright],
  ['fraunces', 'fraunces-latin-opsz-italic', italic],
  ['fraunces', 'fraunces-latin-ext-opsz-italic', italic],
  ['figtree', 'figtree-latin-wght-normal', text],
  ['figtree', 'figtree-latin-ext-wght-normal', text],
] as const) {
  const font = readFileSync(path.join(FAMILIES[family], `files/${file}.woff2`));
  const cut = await subset(font, '', { targetFormat: 'woff2', keepAllGlyphs: true, variationAxes: axes });
  const name = `${file.replace(/-(opsz|wght)/, '')}.woff2`;
  writeFileSync(path.join(OUT, name), cut);
  console.log(`${name}: ${font.length} → ${cut.length} bytes`);
}
for (const [family, from] of Object.entries(FAMILIES))
  copyFileSync(path.join(from, 'LICENSE'), path.join(OUT, `${family}-OFL.txt`));
