import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** The version of this package. Its manifest is found by its name, as this may be a part of another file. */
export function ownVersion(): string {
  const main = createRequire(import.meta.url).resolve('@rxforce/cli');
  const { version } = JSON.parse(readFileSync(join(dirname(main), '../package.json'), 'utf8')) as { version: string };
  return version;
}
