import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { boardOf } from '../../packages/cli/src/dashboard/board.js';
import { ROWS } from '../../packages/cli/src/dashboard/panels.js';
import { pageWithTable } from './table.js';

const PAGE = 'docs/guides/telemetry.md';
const BOARD = 'deploy/grafana/rxforce.json';

/** What is written from the table of instruments and the panels: files by their paths from the root. */
export async function generateTelemetry(root: string): Promise<ReadonlyMap<string, string>> {
  const formatted = async (path: string, text: string) => {
    const filepath = join(root, path);
    return [path, await format(text, { ...(await resolveConfig(filepath)), filepath })] as const;
  };
  return new Map([
    await formatted(PAGE, pageWithTable(readFileSync(join(root, PAGE), 'utf8'))),
    await formatted(BOARD, JSON.stringify(boardOf(ROWS), null, 2)),
  ]);
}
