import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { ConfigurationError, RxforceError, SchemaError } from '@rxforce/core/model';
import { eventTypes, type TopicSchema } from '../event-type.js';

/**
 * Reads a schema from a file, and checks it, so that errors name the file.
 *
 * @throws `ConfigurationError` when the file cannot be read, `SchemaError` when it does not hold a schema of events.
 */
export function readSchema(path: string): TopicSchema {
  const schema = { json: readText(path) };
  try {
    eventTypes([schema]);
    return schema;
  } catch (error) {
    const { code, message, cause } = RxforceError.from(error);
    // Where the text is not a schema at all, the reason helps more than advice about endpoints.
    const reason =
      cause instanceof Error
        ? `it holds no Avro schema of events (${cause.message}). Give what GetSchema sends.`
        : message;
    throw new (code === 'configuration' ? ConfigurationError : SchemaError)(`${path}: ${reason}`, { cause: error });
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new ConfigurationError(`--schema cannot be read: ${(cause as Error).message}.`, { cause });
  }
}

/**
 * Writes the module, unless the file already holds it.
 *
 * @throws `ConfigurationError` when the file cannot be written.
 */
export function writeModule(path: string, text: string): void {
  if (isUpToDate(path, text)) return;
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  } catch (cause) {
    throw new ConfigurationError(`--out cannot be written: ${(cause as Error).message}.`, { cause });
  }
}

/**
 * Whether the file holds the module. Line ends do not count: git may have changed them.
 *
 * @throws `ConfigurationError` when the file exists but cannot be read.
 */
export function isUpToDate(path: string, text: string): boolean {
  try {
    return readFileSync(path, 'utf8').replaceAll('\r\n', '\n') === text;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw new ConfigurationError(`--out cannot be read: ${(cause as Error).message}.`, { cause });
  }
}
