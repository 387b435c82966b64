import { existsSync, readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { ConfigurationError } from '@rxforce/core/model';
import {
  BrokenConfigurationError,
  DEFAULT_FILE,
  parseConfiguration,
  readConfiguration,
  type ConfigurationSource,
  type LoadedConfiguration,
} from '../config/configuration.js';
import { Context, type Surroundings } from './context.js';

/** The options of all commands. */
export interface CommonOptions {
  readonly config?: string;
  readonly envFile?: string;
  readonly json?: boolean;
  /** The name of an org, where the configuration has several. */
  readonly org?: string;
}

/**
 * The context of a command, with the variables of `--env-file`. Variables that are set take precedence over the file.
 *
 * @throws `ConfigurationError` when the file cannot be read.
 */
export function contextOf(around: Surroundings, { envFile }: CommonOptions): Context {
  if (envFile === undefined) return new Context(around);
  try {
    return new Context(around, { ...parseEnv(readFileSync(envFile, 'utf8')), ...around.environment });
  } catch (cause) {
    const { code = 'unknown' } = cause as NodeJS.ErrnoException;
    throw new ConfigurationError(`--env-file ${envFile} cannot be read (${code}).`, { cause });
  }
}

/**
 * Reads the configuration of a command.
 *
 * @param wanted - `isForOrg`: whether only what is said of orgs matters.
 * @throws `ConfigurationError` with everything that is wrong.
 */
export function loadConfiguration(
  context: Context,
  { config = DEFAULT_FILE }: CommonOptions,
  wanted: Pick<ConfigurationSource, 'isForOrg'> = {},
): LoadedConfiguration {
  const loaded = readConfiguration({ file: config, environment: context.environment, ...wanted });
  if (loaded.err) throw new BrokenConfigurationError(loaded.val);
  context.keepSecret(loaded.val.secrets);
  return loaded.val;
}

/** What commands that only need an org take in the place of a file. */
const NO_FILE = 'topics: [/data/ChangeEvents]';

/**
 * Reads the configuration of a command that only needs an org. Of a file, no more need be right. Without one, the
 * environment says how to log in.
 *
 * @throws `ConfigurationError` with everything that is wrong.
 */
export function loadOrg(context: Context, options: CommonOptions): LoadedConfiguration {
  if (options.config !== undefined || existsSync(DEFAULT_FILE)) {
    return loadConfiguration(context, options, { isForOrg: true });
  }
  const loaded = parseConfiguration(NO_FILE, { file: 'environment', environment: context.environment });
  if (loaded.err) {
    const missing = loaded.val.map(
      ({ setting, at, message }) => `${at.startsWith('the variable') ? at : setting} ${message}`,
    );
    throw new ConfigurationError(
      `There is no ${DEFAULT_FILE}, and the environment does not say how to log in: ${missing.join(' ')} Name a file with ` +
        '--config, write one with rxforce init, or set variables such as SALESFORCE_CLIENT_ID.',
    );
  }
  context.keepSecret(loaded.val.secrets);
  return loaded.val;
}
