import type { Context } from '../command/context.js';
import { loadOrg, type CommonOptions } from '../command/load.js';
import type { LoadedConfiguration } from '../config/configuration.js';
import { openLog } from './log.js';
import { openOrg, type OpenOrg } from './open-org.js';
import { withClosestTopic } from './wrong-topic.js';

/** An org that a command works with. */
export interface CommandOrg extends OpenOrg {
  readonly loaded: LoadedConfiguration;
  readonly logger: ReturnType<typeof openLog>;
}

/** Runs a command that needs an org, and closes the client after it. Warnings go to standard error. */
export async function withOrg<R>(
  context: Context,
  options: CommonOptions,
  work: (org: CommandOrg) => Promise<R>,
): Promise<R> {
  const loaded = loadOrg(context, options);
  const logger = commandLog(context);
  const org = openOrg(loaded.configuration, { logger, logLevel: 'warn' }, options.org);
  try {
    return await work({ ...org, loaded, logger });
  } catch (error) {
    throw await withClosestTopic(error, org.client);
  } finally {
    org.client.close();
  }
}

/** The log of a command: warnings, as lines of standard error. */
export function commandLog(context: Context): ReturnType<typeof openLog> {
  return openLog({
    settings: { level: 'WARN', format: '%(levelname)s %(message)s', file: null },
    write: (text) => void context.around.stderr.write(text),
    hide: context.hidden,
  });
}
