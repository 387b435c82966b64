import { parseArgs, type ParseArgsConfig } from 'node:util';
import { ConfigurationError, topicOf } from '@rxforce/core/model';

/** What the command is told to do. */
export interface CommandLine {
  readonly help: boolean;
  /** Whole names of the topics whose schemas the org is asked for. */
  readonly topics: readonly string[];
  /** Files with schemas. */
  readonly schemaFiles: readonly string[];
  /** The file to write or to check; standard output without. */
  readonly out: string | undefined;
  /** Whether the file is compared, and not written. */
  readonly check: boolean;
  /** Whether the org is asked for values of pick lists. */
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
 * @throws `ConfigurationError` when it cannot be followed.
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
    // What Node adds about arguments that begin with a dash does not help: no name of a topic does.
    const [what = message] = code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION' ? message.split('. ') : [message.split('\n')[0]];
    throw new ConfigurationError(`${what.replace(/\.$/, '')}. ${HELP}`, { cause });
  }
}

/** Platform events may be named as they are in Setup; a client takes their topics only. */
function topicNamed(name: string): string {
  return /^\w+__e$/.test(name) ? `/event/${name}` : topicOf(name);
}
