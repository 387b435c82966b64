import { ConfigurationError, type Logger } from '@rxforce/core/model';
import { defaultExportOf } from '../runtime/user-module.js';
import type { Sink } from './sink.js';

/**
 * The sink that a module of the user makes: `export default (options, { logger }) => sink`.
 *
 * @throws `ConfigurationError` when the module cannot be loaded, or makes no sink.
 */
export async function moduleSink(
  { path, options = {} }: { readonly path: string; readonly options?: Readonly<Record<string, unknown>> | undefined },
  { directory, logger }: { readonly directory: string; readonly logger: Logger },
): Promise<Sink> {
  const make = await defaultExportOf(path, directory);
  if (typeof make !== 'function') {
    throw new ConfigurationError(
      `${path} has no function as its default export: export default (options) => ({ write }).`,
    );
  }
  const sink: unknown = await (make as (given: unknown, context: unknown) => unknown)(options, { logger });
  if (typeof (Object(sink) as Partial<Sink>).write === 'function') return sink as Sink;
  throw new ConfigurationError(`The function of ${path} made no sink: it must give an object with a function write.`);
}
