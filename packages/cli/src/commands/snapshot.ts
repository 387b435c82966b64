import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { ConfigurationError, jsonOf } from '@rxforce/core/model';
import { records } from '@rxforce/records';
import { bufferCount, concatMap, lastValueFrom, tap } from 'rxjs';
import type { Context } from '../command/context.js';
import { EXIT } from '../command/exit-codes.js';
import type { CommonOptions } from '../command/load.js';
import { settingsLogger } from '../config/setting-words.js';
import { withOrg } from '../runtime/with-org.js';

/** The options of `rxforce snapshot`. */
export interface SnapshotOptions extends CommonOptions {
  readonly out?: string;
  readonly where?: string;
  readonly fields?: string;
  readonly again?: string;
}

/** Records that are written together. */
const AT_ONCE = 200;

/** `rxforce snapshot`: the records of an object, as lines of JSON. */
export async function snapshot(context: Context, object: string, options: SnapshotOptions): Promise<number> {
  if (options.again !== undefined) {
    const { readAgain } = await import('./snapshot-again.js');
    return readAgain(context, object, { ...options, again: options.again });
  }
  return withOrg(context, options, async ({ client, logger }) => {
    const { where, fields } = options;
    const of = records(client, object, {
      ...{ logger: settingsLogger(logger), ...(where !== undefined && { where }) },
      ...(fields !== undefined && { fields: fields.split(',').map((each) => each.trim()) }),
    });
    const output = await outputOf(context, options.out);
    let count = 0;
    const lines$ = of.all().pipe(
      tap(() => (count += 1)),
      bufferCount(AT_ONCE),
      concatMap((rows) => output.write(rows.map((row) => `${JSON.stringify(jsonOf(row))}\n`).join(''))),
    );
    try {
      await lastValueFrom(lines$, { defaultValue: undefined });
    } finally {
      await output.close();
    }
    context.note(`${count} records of ${object} were read.`);
    return EXIT.done;
  });
}

interface Output {
  write(text: string): Promise<void>;
  close(): Promise<void>;
}

/** @throws rejects with a `ConfigurationError` when the file cannot be written. */
async function outputOf(context: Context, file: string | undefined): Promise<Output> {
  if (file === undefined || file === '-') {
    return { write: (text) => context.print(text), close: () => Promise.resolve() };
  }
  const stream = createWriteStream(file, { mode: 0o600 });
  await new Promise<void>((resolve, reject) => {
    stream.once('open', () => resolve());
    stream.once('error', ({ code = 'unknown' }: NodeJS.ErrnoException) =>
      reject(new ConfigurationError(`--out ${file} cannot be written (${code}).`)),
    );
  });
  return {
    write: (text) =>
      new Promise((resolve, reject) => stream.write(text, (error) => (error ? reject(error) : resolve()))),
    close: () => finished(stream.end()),
  };
}
