import { ConfigurationError } from '@rxforce/core/model';
import { readFileSync } from 'node:fs';
import type { Definitions } from './org/definitions.js';

/**
 * Reads a file with definitions of objects and platform events. Its content is checked later, when it is defined.
 *
 * @throws `ConfigurationError` when it cannot be read, or is not JSON.
 */
export function readDefinitionFile(path: string): Definitions {
  let json: string;
  try {
    json = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new ConfigurationError(`${path} cannot be read: ${(cause as Error).message}.`, { cause });
  }
  try {
    return JSON.parse(json) as Definitions;
  } catch (cause) {
    throw new ConfigurationError(`${path} is not JSON: ${(cause as Error).message}.`, { cause });
  }
}
