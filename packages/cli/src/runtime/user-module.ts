import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ConfigurationError } from '@rxforce/core/model';
import { errorPlace } from './error-place.js';
import { adviceOnModule } from './module-advice.js';

/**
 * What a module of the user exports by default.
 *
 * @param directory - The directory that a relative path is relative to.
 * @throws `ConfigurationError` when there is no such file, or it cannot be loaded.
 */
export async function defaultExportOf(path: string, directory: string): Promise<unknown> {
  const file = resolve(directory, path);
  if (!existsSync(file)) throw new ConfigurationError(`There is no module ${path} in ${directory}.`);
  try {
    const loaded = (await import(pathToFileURL(file).href)) as { readonly default?: unknown };
    return loaded.default;
  } catch (cause) {
    const { name, message } = cause as Error;
    const place = await errorPlace(cause, file);
    const at = place === undefined ? '' : `${place}: `;
    const why = `${at}${name}: ${message}${adviceOnModule(cause)}`;
    throw new ConfigurationError(`The module ${path} cannot be loaded: ${why}`, { cause });
  }
}
