import { createRequire } from 'node:module';
import {
  createCanvas,
  GlobalFonts,
  type Image,
  loadImage,
  Path2D,
  type SKRSContext2D,
} from '@napi-rs/canvas';
import { dynamicIconImports } from 'lucide-react/dynamic';
import { createElement } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { planisphere, ticks } from '../sky/chart.ts';
import { litPath } from '../sky/moon.ts';
import type { Sign } from '../text/horoscopes.ts';
import { type Card, shareSize } from './card.ts';
import { fitted } from './fitted.ts';

// A shared page’s picture: words on the left, and on the right a portrait under an arch, a cover, or the moon on its chart.

/** Night, as `styles/tokens.css` has it. */
export const night = {
  'paper-sunk': '#0b0a1e',
  paper: '#11102a',
  ink: '#f4ebd8',
  'ink-soft': '#cfc5b8',
  engraving: '#d9b06f',
  'moon-lit': '#efc778',
  'moon-dark': '#1f1d45',
  saffron: '#efb65c',
  ember: '#f4b057',
} as const;

const { resolve } = createRequire(import.meta.url);
const font = (file: string, family: string) => {
  if (!GlobalFonts.registerFromPath(resolve(`@fontsource-variable/${file}`), family))
    throw new Error(`the font ${file} can't be read`);
};
font('fraunces/files/fraunces-latin-opsz-normal.woff2', 'Fraunces');
font('fraunces/files/fraunces-latin-ext-opsz-normal.woff2', 'Fraunces Extended');
font('figtree/files/figtree-latin-wght-normal.woff2', 'Figtree');
font('figtree/files/figtree-latin-ext-wght-normal.woff2', 'Figtree Extended');
// Scripts that our own typefaces don’t have are drawn with what the machine has.
const display = (size: number) => `500 ${size}px Fraunces, "Fraunces Extended", serif`;
const words = (size: number, weight = 400) => `${weight} ${size}px Figtree, "Figtree Extended", sans-serif`;

const { width, height } = shareSize;
const margin = 72;
const textWidth = 610;
/** What stands on the right is centred here, in pixels. */
const right = { x: 938, y: 315 } as const;

const { sky } = planisphere;
const rightToLeft = /^[^\p{L}]*[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}]/u;

/**
 * Draws a card as a JPEG of `shareSize`.
 *
 * @param image the card’s picture, where it has one and it could be read.
 */
export async function draw(card: Card, image: Image | null): Promise<Buffer> {
  const canvas = createCanvas(width, height);
  const context = canvas.getContext('2d');
  const ground = context.createRadialGradient(right.x, right.y, 0, right.x, right.y, 900);
  ground.addColorStop(0, night['moon-dark']);
  ground.addColorStop(0.5, night.paper);
  ground.addColorStop(1, night['paper-sunk']);
  context.fillStyle = ground;
  context.fillRect(0, 0, width, height);
  drawChart(context);
  if (image && card.kind === 'readers') drawPortrait(context, image);
  else if (image) drawCover(context, image);
  else if (card.sign) await drawSign(context, card.sign);
  else drawMoon(context);
  drawWords(context, card);
  return canvas.encode('jpeg', 88);
}

/** The planisphere of the site, faint behind everything. */
function drawChart(context: SKRSContext2D): void {
  context.save();
  context.translate(right.x, right.y);
  context.scale(1.2, 1.2);
  context.strokeStyle = night.engraving;
  context.fillStyle = night.engraving;
  context.globalAlpha = 0.3;
  context.lineWidth = 0.8;
  for (const radius of [302, 306, 200, 100]) {
    context.beginPath();
    context.arc(0, 0, radius, 0, 2 * Math.PI);
    context.stroke();
  }
  context.stroke(new Path2D(ticks(72, 306, 314)));
  context.stroke(new Path2D(sky.lines));
  for (const { x, y, r } of sky.stars) {
    context.beginPath();
    context.arc(x, y, r, 0, 2 * Math.PI);
    context.fill();
  }
  context.restore();
}

/** Around a circle on the right: its ground, and two engraved lines. */
function drawDisc(context: SKRSContext2D, radius: number): void {
  context.fillStyle = night.paper;
  context.strokeStyle = night.engraving;
  context.lineWidth = 2;
  context.beginPath();
  context.arc(0, 0, radius + 14, 0, 2 * Math.PI);
  context.fill();
  context.stroke();
  context.lineWidth = 1;
  context.beginPath();
  context.arc(0, 0, radius + 6, 0, 2 * Math.PI);
  context.stroke();
}

function drawMoon(context: SKRSContext2D): void {
  context.save();
  context.translate(right.x, right.y);
  drawDisc(context, 150);
  context.fillStyle = night['moon-dark'];
  context.beginPath();
  context.arc(0, 0, 150, 0, 2 * Math.PI);
  context.fill();
  context.fillStyle = night['moon-lit'];
  context.fill(new Path2D(litPath(0.2, 150)));
  context.restore();
}

async function drawSign(context: SKRSContext2D, sign: Sign): Promise<void> {
  const { default: Icon } = await dynamicIconImports[`zodiac-${sign}`]();
  const icon = createElement(Icon, { size: 220, strokeWidth: 1.3, color: night['moon-lit'] });
  const image = await loadImage(Buffer.from(renderToStaticMarkup(icon)));
  context.save();
  context.translate(right.x, right.y);
  drawDisc(context, 165);
  context.drawImage(image, -110, -110, 220, 220);
  context.restore();
}

function drawPortrait(context: SKRSContext2D, image: Image): void {
  const [w, h] = [370, 480];
  const [x, y] = [right.x - w / 2, right.y - h / 2];
  const arch = (grown: number) => {
    context.beginPath();
    context.roundRect(x - grown, y - grown, w + 2 * grown, h + 2 * grown, [
      w / 2 + grown,
      w / 2 + grown,
      6 + grown,
      6 + grown,
    ]);
  };
  context.fillStyle = night.paper;
  context.strokeStyle = night.engraving;
  context.lineWidth = 2;
  arch(14);
  context.fill();
  context.stroke();
  context.save();
  arch(0);
  context.clip();
  cover(context, image, x, y, w, h);
  context.restore();
}

function drawCover(context: SKRSContext2D, image: Image): void {
  const x = 736;
  cover(context, image, x, 0, width - x, height);
  const shade = context.createLinearGradient(x, 0, x + 130, 0);
  shade.addColorStop(0, night.paper);
  shade.addColorStop(1, `${night.paper}00`);
  context.fillStyle = shade;
  context.fillRect(x, 0, 130, height);
}

/** The middle of the image, as much as fills the frame. */
function cover(context: SKRSContext2D, image: Image, x: number, y: number, w: number, h: number): void {
  const scale = Math.max(w / image.width, h / image.height);
  const [sw, sh] = [w / scale, h / scale];
  context.drawImage(image, (image.width - sw) / 2, (image.height - sh) / 2, sw, sh, x, y, w, h);
}

function drawWords(context: SKRSContext2D, { kicker, title, line, rating }: Card): void {
  const measure = (of: (size: number) => string) => (text: string, size: number) => {
    context.font = of(size);
    return context.measureText(text).width;
  };
  const write = (
    text: string,
    frame: { height: number; sizes: number[] },
    of: (size: number) => string,
    leading: number,
  ) => {
    const { size, lines } = fitted(text, { width: textWidth, leading, ...frame }, measure(of));
    return { size, lines, font: of(size), height: lines.length * size * leading, leading };
  };
  const parts = [
    { ...write(kicker, { height: 41, sizes: [27] }, (size) => words(size, 600), 1.5), colour: night.ember },
    { ...write(title, { height: 240, sizes: [84, 72, 60, 50] }, display, 1.1), colour: night.ink },
    { ...write(line, { height: 86, sizes: [31] }, words, 1.38), colour: night['ink-soft'] },
  ];
  const gap = 20;
  const ratingHeight = rating ? 62 : 0;
  const total = parts.reduce((sum, part) => sum + part.height, 0) + 2 * gap + ratingHeight;
  // Between the upper edge and the wordmark.
  let y = Math.max(48, (height - 96 - total) / 2 + 18);
  context.textBaseline = 'alphabetic';
  for (const { lines, font, size, height: tall, leading, colour } of parts) {
    context.font = font;
    context.fillStyle = colour;
    lines.forEach((text, index) => {
      const mirrored = rightToLeft.test(text);
      context.direction = mirrored ? 'rtl' : 'ltr';
      context.textAlign = mirrored ? 'right' : 'left';
      context.fillText(text, mirrored ? margin + textWidth : margin, y + size * (0.88 + index * leading));
    });
    y += tall + gap;
  }
  context.direction = 'ltr';
  context.textAlign = 'left';
  if (rating) drawRating(context, rating, y);
  drawWordmark(context);
}

function drawRating(context: SKRSContext2D, rating: NonNullable<Card['rating']>, y: number): void {
  const star = new Path2D();
  for (let point = 0; point < 10; point += 1) {
    const [angle, radius] = [(point * Math.PI) / 5, point % 2 ? 7 : 17];
    star.lineTo(radius * Math.sin(angle), -radius * Math.cos(angle));
  }
  star.closePath();
  context.save();
  context.translate(margin + 17, y + 20);
  context.fillStyle = night.saffron;
  context.fill(star);
  context.font = words(30, 600);
  context.fillStyle = night.ink;
  context.fillText(rating.average, 30, 11);
  const after = 30 + context.measureText(rating.average).width + 14;
  context.font = words(28);
  context.fillStyle = night['ink-soft'];
  context.fillText(rating.reviews, after, 11);
  context.restore();
}

/** The eye whose pupil is a crescent, and the name: `components/Wordmark.astro`. */
function drawWordmark(context: SKRSContext2D): void {
  context.save();
  context.translate(margin, height - 92);
  context.scale(1.35, 1.35);
  context.strokeStyle = night.ink;
  context.lineWidth = 1.4;
  context.stroke(new Path2D('M2 16C9.5 6 16.5 2 24 2s14.5 4 22 14c-7.5 10-14.5 14-22 14S9.5 26 2 16Z'));
  context.beginPath();
  context.arc(24, 16, 9.5, 0, 2 * Math.PI);
  context.stroke();
  context.fillStyle = night.saffron;
  context.fill(new Path2D('M27.2 8.6a8 8 0 1 0 0 14.8 9.2 9.2 0 0 1 0-14.8Z'));
  context.restore();
  context.font = display(36);
  context.fillStyle = night.ink;
  context.fillText('SoulSeer', margin + 78, height - 58);
}
