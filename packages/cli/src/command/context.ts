import type { Readable, Writable } from 'node:stream';
import { hider } from '../config/secrets.js';
import type { Environment } from '../config/interpolate.js';
import { written } from './output.js';

/** What surrounds a command: its streams, its variables, and signals. */
export interface Surroundings {
  readonly args: readonly string[];
  readonly environment: Environment;
  readonly stdin: Readable;
  readonly stdout: Writable & { readonly isTTY?: boolean };
  readonly stderr: Writable & { readonly isTTY?: boolean };
  /** Calls a function at each signal to end, and returns what stops that. */
  readonly onSignal: (ended: () => void) => () => void;
  /** Calls a function at each signal to open the log file anew, and returns what stops that. */
  readonly onReopen: (reopen: () => void) => () => void;
  /** Ends the process at once. */
  readonly exitNow: (code: number) => void;
}

/** The surroundings of a command, and how it writes. Nothing that it writes has a secret in it. */
export class Context {
  private hide = hider([]);
  private secrets: readonly string[] = [];

  constructor(
    readonly around: Surroundings,
    /** The variables, with those of `--env-file`. */
    readonly environment: Environment = around.environment,
  ) {}

  /** Texts that are shown as `***` from here on. */
  keepSecret(secrets: readonly string[]): void {
    this.secrets = [...this.secrets, ...secrets];
    this.hide = hider(this.secrets);
  }

  /** A text without secrets. */
  readonly hidden = (text: string): string => this.hide(text);

  /**
   * Writes results to standard output, as they are. Waits while the reader is slower. What comes from an org is not
   * searched for secrets: it may have the same words.
   *
   * @throws rejects with an `OutputError` when it cannot be written.
   */
  print(text: string): Promise<void> {
    return written(this.around.stdout, text);
  }

  /** Writes a line for people to standard error. */
  note(text: string): void {
    this.around.stderr.write(`${this.hide(text)}\n`);
  }

  /** Whether results may be coloured. */
  get hasColor(): boolean {
    return this.around.stdout.isTTY === true && !this.environment.NO_COLOR;
  }
}
