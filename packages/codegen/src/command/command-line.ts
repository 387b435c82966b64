import { parseArgs, type ParseArgsConfig } from 'node:util';
import { ConfigurationError, topicOf } from '@rxforce/core/model';

/** The parsed command line. */
export interface CommandLine {
  readonly help: boolean;
  /** Full names of the topics whose schemas are fetched from the org. */
  readonly topics: readonly string[];
  /** Files with schemas. */
  readonly schemaFiles: readonly string[];
  /** The file to write or to check; `undefined` for standard output. */
  readonly out: string | undefined;
  /** Whether the file is only compared, and not written. */
  readonly check: boolean;
  /** Whether the values of pick lists are fetched from the org. */
  readonly pickLists: boolean;
}

const HELP = 'See rxforce-codegen --help.';

const OPTIONS = {
  out: { type: 'string' },
  check: { type: 'boolean', default: false },
  picklists: { type: 'boolean', default: false },
  schema: { type: 'string', multiple: true },
  help: { type: 'boolean', short: 'h', default: false },
} as const satisfies ParseArgsConfig['options'];

/**
 * Reads the command line.
 *
 * @throws `ConfigurationError` when it is not valid.
 */
export function readCommandLine(args: readonly string[]): CommandLine {
  const { values, positionals } = parse(args);
  const { help, out, check, picklists: pickLists, schema: schemaFiles = [] } = values;
  if (help) return { help, topics: [], schemaFiles, out, check, pickLists };
  if (positionals.length === 0 && schemaFiles.length === 0) {
    throw new ConfigurationError(`There is nothing to write: name objects or topics, or give --schema. ${HELP}`);
  }
  if (check && out === undefined) throw new ConfigurationError(`--check compares a file: name it with --out. ${HELP}`);
  if (out === '' || schemaFiles.includes('')) {
    throw new ConfigurationError(`--out and --schema need the name of a file. ${HELP}`);
  }
  return { help, topics: positionals.map(topicNamed), schemaFiles, out, check, pickLists };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
  } catch (cause) {
    const { message, code } = cause as NodeJS.ErrnoException;
    // Node's addition about arguments that begin with a dash does not help: no topic name begins with one.
    const [what = message] = code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION' ? message.split('. ') : [message.split('\n')[0]];
    throw new ConfigurationError(`${what.replace(/\.$/, '')}. ${HELP}`, { cause });
  }
}

/** Platform events may be named as in Setup; a client accepts only their topics. */
function topicNamed(name: string): string {
  return /^\w+__e$/.test(name) ? `/event/${name}` : topicOf(name);
}
