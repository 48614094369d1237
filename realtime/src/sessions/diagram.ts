/** Writes docs/session-states.md from the table of moves; with `--check`, only says whether it is up to date. */

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EVENTS, type EventType, MOVES, STATES, type State } from './session.ts';

export const DIAGRAM_FILE = join(import.meta.dirname, '../../../docs/session-states.md');

/** The page: a Mermaid diagram and the table that it was drawn from. */
export function drawStates(): string {
  const arrows = new Map<string, EventType[]>();
  for (const from of STATES) {
    for (const event of EVENTS) {
      for (const to of MOVES[from][event] ?? []) {
        const arrow = `${from} --> ${to}`;
        arrows.set(arrow, [...(arrows.get(arrow) ?? []), event]);
      }
    }
  }
  const row = (from: State) =>
    `| ${from} | ${EVENTS.map((event) => (MOVES[from][event] ?? []).join(', ')).join(' | ')} |`;
  return [
    '# The states of a session',
    '',
    'Written by `node realtime/src/sessions/diagram.ts` from `MOVES` in `realtime/src/sessions/session.ts`; a test fails when it is stale.',
    'The database holds to the same table (`session_moves`, and the trigger `sessions_move`).',
    '',
    '```mermaid',
    'stateDiagram-v2',
    '  [*] --> created',
    ...[...arrows].map(([arrow, events]) => `  ${arrow}: ${events.join(', ')}`),
    '  finalized --> [*]',
    '```',
    '',
    `| from \\ event | ${EVENTS.join(' | ')} |`,
    `|---|${EVENTS.map(() => '---|').join('')}`,
    ...STATES.map(row),
    '',
  ].join('\n');
}

if (import.meta.main) {
  const drawn = drawStates();
  if (!process.argv.includes('--check')) await writeFile(DIAGRAM_FILE, drawn);
  else if ((await readFile(DIAGRAM_FILE, 'utf8')) !== drawn) {
    console.error(`${DIAGRAM_FILE} is stale: run node src/sessions/diagram.ts`);
    process.exitCode = 1;
  }
}
