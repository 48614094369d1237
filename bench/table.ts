import { availableParallelism, totalmem } from 'node:os';
import path from 'node:path';
import { writeSection } from '../scripts/testing/section.ts';

const FILE = path.resolve(import.meta.dirname, '../docs/benchmarks.md');
const INTRODUCTION = `# Benchmarks

Each table is written by its command, \`pnpm bench <name>\`; nothing here is edited by hand.
`;

/** Prints a table and puts it into \`docs/benchmarks.md\` in place of the one of that name. The first row is the head. */
export function writeTable(name: string, title: string, rows: string[][]): void {
  const [head = [], ...body] = rows;
  const line = (cells: string[]) => `| ${cells.join(' | ')} |`;
  const machine = `${availableParallelism()} cores, ${Math.round(totalmem() / 2 ** 30)} GB, Node ${process.versions.node}`;
  const table = [line(head), line(head.map(() => '---')), ...body.map(line)].join('\n');
  const section = `## ${title}\n\n\`pnpm bench ${name}\` on ${machine}.\n\n${table}\n`;
  console.log(`\n${table}\n`);
  writeSection(FILE, INTRODUCTION, name, section);
}
