import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { ConfigurationError, type LogFields, type Logger, type LogLevel } from '@rxforce/core/model';
import { lineFormat } from '../config/line-format.js';
import type { Configuration } from '../config/settings/settings.js';
import type { TopicPlan } from './topic-plan.js';

/** A log of a process. */
export interface Log extends Required<Logger> {
  readonly level: LogLevel;
  /** Opens the file anew, after another program has renamed it. */
  reopen(): void;
  /** Ends it: what comes later is not written. */
  close(): void;
}

/** What a log needs. */
export interface LogOptions {
  readonly settings: Configuration['logging'];
  /** Whether everything is written, whatever the level of the settings is. */
  readonly debug?: boolean;
  /** Gets the lines, where there is no file, or it cannot be written. */
  readonly write: (text: string) => void;
  /** Puts `***` in the place of secrets. */
  readonly hide: (text: string) => string;
}

const ORDER = ['debug', 'info', 'warn', 'error'] as const;
const NAMES = { debug: 'DEBUG', info: 'INFO', warn: 'WARNING', error: 'ERROR' } as const;
const LEVELS = { DEBUG: 'debug', INFO: 'info', WARNING: 'warn', WARN: 'warn', ERROR: 'error' } as const;

/**
 * Opens the log that the settings describe.
 *
 * @throws `ConfigurationError` when its file cannot be written.
 */
export function openLog({ settings, debug = false, write, hide }: LogOptions): Log {
  const { file } = settings;
  const level: LogLevel = debug ? 'debug' : LEVELS[settings.level];
  const format = lineFormat(settings.format);
  const lines = file === null ? undefined : new LogFile(file, write);
  let isClosed = false;
  const at =
    (of: (typeof ORDER)[number]) =>
    (message: string, fields: LogFields = {}) => {
      if (isClosed || ORDER.indexOf(of) < ORDER.indexOf(level)) return;
      const text = format({ at: new Date(), level: NAMES[of], name: 'rxforce', message, fields });
      const line = `${hide(text).replace(/[\r\n]+/g, ' ')}\n`;
      if (lines) lines.write(line);
      else write(line);
    };
  return {
    ...{ level, debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') },
    reopen: () => lines?.reopen(),
    close: () => {
      isClosed = true;
      lines?.close();
    },
  };
}

/** The lines of a log in a file. A full disk must not end the work on events. */
class LogFile {
  private descriptor: number | undefined;
  private isFailing = false;

  /** @param instead - Gets the lines that cannot be written to the file. */
  constructor(
    private readonly path: string,
    private readonly instead: (text: string) => void,
  ) {
    this.descriptor = openFile(path);
  }

  write(line: string): void {
    if (this.descriptor === undefined) return this.instead(line);
    try {
      writeSync(this.descriptor, line);
      this.isFailing = false;
    } catch (cause) {
      const { code = 'unknown' } = cause as NodeJS.ErrnoException;
      if (!this.isFailing) {
        this.instead(`The log ${this.path} cannot be written (${code}): its lines are here meanwhile.\n`);
      }
      this.isFailing = true;
      this.instead(line);
    }
  }

  /** Where the new file cannot be opened, the old one stays. */
  reopen(): void {
    const next = openFile(this.path);
    this.close();
    this.descriptor = next;
  }

  close(): void {
    if (this.descriptor !== undefined) closeSync(this.descriptor);
    this.descriptor = undefined;
  }
}

/** The same log, whose lines name their org, where there are several. */
export function logOfOrg(log: Log, org: string | undefined): Log {
  if (org === undefined) return log;
  const at = (level: (typeof ORDER)[number]) => (message: string, fields?: LogFields) =>
    log[level](message, { org, ...fields });
  return { ...log, debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

/**
 * The same log for a client: the error that a topic ends with has a line of its own, and is only a detail here. A
 * pipeline of a user may catch such an error, and then the client's line is the only one.
 */
export function logOfClient(log: Log, plans: readonly Pick<TopicPlan, 'pipeline'>[]): Log {
  if (plans.some(({ pipeline }) => pipeline !== undefined)) return log;
  const error = (message: string, fields: LogFields = {}) =>
    log[fields.type === 'closed' ? 'debug' : 'error'](message, fields);
  return { ...log, error };
}

/** As a file sink does: of a misspelt path, or of a disk that is not there, nothing is made. */
function makeDirectory(path: string): void {
  try {
    mkdirSync(path);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause;
  }
}

function openFile(file: string): number {
  try {
    makeDirectory(dirname(resolve(file)));
    return openSync(file, 'a', 0o600);
  } catch (cause) {
    const { code = 'unknown' } = cause as NodeJS.ErrnoException;
    throw new ConfigurationError(
      `The log ${file} cannot be written (${code}): set logging.file to another one, or to null.`,
      {
        cause,
      },
    );
  }
}
