import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ScaleContinuousNumeric, scaleLinear, scaleLog } from 'd3-scale';
import { line } from 'd3-shape';

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Curve {
  readonly name: string;
  readonly points: readonly Point[];
}

/** Curves over a logarithmic x axis, with a y axis that begins at zero. */
export interface Plot {
  readonly title: string;
  readonly x: string;
  readonly y: string;
  readonly curves: readonly Curve[];
}

const [width, height] = [720, 400];
const margin = { top: 44, right: 190, bottom: 48, left: 64 };
const [right, bottom] = [width - margin.right, height - margin.bottom];
/** Of Okabe and Ito: people with a colour vision deficiency can tell them apart. */
const colours = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#000000', '#999999'];

type Scale = ScaleContinuousNumeric<number, number>;

export async function writePlot(folder: string, name: string, plot: Plot): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, `${name}.svg`), svgOf(plot));
}

/** An SVG document on a white ground, so that it can be read on a dark page too. */
export function svgOf({ title, x, y, curves }: Plot): string {
  const points = curves.flatMap((curve) => curve.points);
  const xs = points.map((point) => point.x);
  const across = scaleLog()
    .domain([Math.min(...xs), Math.max(...xs)])
    .range([margin.left, right]);
  const up = scaleLinear()
    .domain([0, Math.max(...points.map((point) => point.y))])
    .nice()
    .range([bottom, margin.top]);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="${width}" height="${height}" fill="white"/>`,
    text(margin.left, 22, title, 'font-size="15" font-weight="bold"'),
    ...ticksAcross(across, new Set(xs)),
    ...ticksUp(up),
    text((margin.left + right) / 2, height - 10, x, 'text-anchor="middle"'),
    text(margin.left, margin.top - 8, y, 'text-anchor="start" fill="#555"'),
    ...curves.flatMap((curve, index) => drawn(curve, colours[index % colours.length] ?? '', index, across, up)),
    '</svg>',
    '',
  ].join('\n');
}

/** One at each measured value. */
function ticksAcross(scale: Scale, values: ReadonlySet<number>): string[] {
  return [...values].map((value) => {
    const at = rounded(scale(value));
    const tick = `<line x1="${at}" y1="${bottom}" x2="${at}" y2="${bottom + 5}" stroke="#555"/>`;
    return tick + text(at, bottom + 18, formatted(value), 'text-anchor="middle"');
  });
}

function ticksUp(scale: Scale): string[] {
  return scale.ticks(6).map((value) => {
    const at = rounded(scale(value));
    const rule = `<line x1="${margin.left}" y1="${at}" x2="${right}" y2="${at}" stroke="#ddd"/>`;
    return rule + text(margin.left - 8, at + 4, formatted(value), 'text-anchor="end"');
  });
}

function drawn({ name, points }: Curve, colour: string, index: number, across: Scale, up: Scale): string[] {
  const at = points.map((point): [number, number] => [rounded(across(point.x)), rounded(up(point.y))]);
  const path = line()(at) ?? '';
  const legend = margin.top + 8 + index * 18;
  return [
    `<path d="${path}" fill="none" stroke="${colour}" stroke-width="2"/>`,
    ...at.map(([x, y]) => `<circle cx="${x}" cy="${y}" r="3" fill="${colour}"/>`),
    `<rect x="${right + 14}" y="${legend - 9}" width="10" height="10" fill="${colour}"/>`,
    text(right + 30, legend, name, ''),
  ];
}

function text(x: number, y: number, content: string, attributes: string): string {
  return `<text x="${x}" y="${y}"${attributes && ` ${attributes}`}>${escaped(content)}</text>`;
}

function escaped(content: string): string {
  return content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function formatted(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: 2 });
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}
