import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BenchFigures } from './figures.js';

const FOLDER = fileURLToPath(new URL('../../results', import.meta.url));

/**
 * Writes the figures to `bench/results/`, in a file whose name says when they were taken, and with which Node.
 *
 * @returns The path of the file.
 */
export async function keepFigures(figures: BenchFigures): Promise<string> {
  const time = figures.date.slice(0, 16).replaceAll(':', '').replace('T', '-');
  const path = join(FOLDER, `${time}-node-${figures.node.slice(1)}${figures.quick ? '-quick' : ''}.json`);
  await mkdir(FOLDER, { recursive: true });
  await writeFile(path, `${JSON.stringify(figures, undefined, 2)}\n`);
  return path;
}
