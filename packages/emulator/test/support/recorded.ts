import { existsSync, readFileSync } from 'node:fs';

const DATA = new URL('../../../../../shared/data/', import.meta.url);

/** Whether the recordings of the live service lie beside the project; tests on them are left out otherwise. */
export const hasRecordings = existsSync(DATA);

/** One of the recordings, as text. */
export function recorded(path: string): string {
  return readFileSync(new URL(path, DATA), 'utf8');
}
