import { randomUUID } from 'node:crypto';
import { LONGEST_TIMER_MS, wholeNumber } from '@rxforce/core/internal';
import { checkOptionNames, ConfigurationError, DeadLetterQueueError, Err, type Result } from '@rxforce/core/model';
import { parseDeadLetter, type DeadLetter, type DeadLetterQueue, type TakeOptions } from '@rxforce/dead-letters';
import { checkLimit, LetterClaims, writeLetters } from '@rxforce/dead-letters/internal';
import type { Dialect, Work } from './engine/database.js';
import type { SqlSource } from './engine/open-database.js';
import { keyText, OwnTable } from './engine/own-table.js';
import { SqlFailure } from './engine/sql-failure.js';
import { tableName } from './engine/table-name.js';
import { START, type LetterRow, type Place } from './letters/letter-rows.js';
import { LetterTable } from './letters/letter-table.js';

/** How a `sqlDeadLetterQueue` keeps letters. */
export interface SqlDeadLetterQueueOptions {
  /**
   * Distinguishes the queues of one table. Give each pipeline a queue of its own. Not empty.
   *
   * @defaultValue `'dead-letters'`
   */
  readonly name?: string;
  /**
   * The table: `rx_dead_letters`, or `crm.rx_dead_letters` for a schema, which must exist. It is made where it is
   * missing.
   *
   * @defaultValue `'rx_dead_letters'`
   */
  readonly table?: string;
  /**
   * How long letters stay with a taker that has died or cannot reach the database, in milliseconds, from 100. After
   * that others may take them. A live taker keeps its letters, however long the work on them takes. All processes
   * should use the same value.
   *
   * @defaultValue 60_000
   */
  readonly claimMs?: number;
}

/** Dead letters in a database. */
export interface SqlDeadLetterQueue extends DeadLetterQueue {
  /**
   * Stops the renewal of claims, and closes connections that were made from a URL. Others may take the letters that are
   * still taken after `claimMs`. Never rejects.
   */
  close(): Promise<void>;
}

/** Most letters of a page. A page is in memory. */
const PAGE_LETTERS = 100;

/**
 * Keeps dead letters in PostgreSQL or SQLite, a row for each. Any process can work on them.
 *
 * - Processes: any number may put, list, take and remove. A letter is given to one taker at a time. A process keeps the
 *   letters that it has taken until it gives them back, dies or is closed; `claimMs` after its death or close, others
 *   may take them. So after a process hung, or could not reach the database, for that long, another process may also
 *   have handled its letters.
 * - Order: the calls of one queue are made one after the other.
 * - List: page by page. Letters that are put meanwhile are left out. A letter that is replaced meanwhile may be listed
 *   twice: the old one and the new one.
 * - Values: come back as `formatDeadLetter` describes. `put` rejects a value that cannot be written; that error is not
 *   retriable.
 * - Database away: every call rejects with a `DeadLetterQueueError`, which is retriable if the failure may be
 *   temporary.
 * - Memory: a page of 100 letters; the ids of the taken letters.
 *
 * @param database - A `Pool` of pg or a `Database` of better-sqlite3, which the caller closes; or a URL.
 * @throws `ConfigurationError` when an option is not valid.
 */
export function sqlDeadLetterQueue(database: SqlSource, options: SqlDeadLetterQueueOptions = {}): SqlDeadLetterQueue {
  return new QueueInSql(database, options);
}

const OPTION_NAMES: readonly string[] = Object.keys({
  name: true,
  table: true,
  claimMs: true,
} satisfies Record<keyof SqlDeadLetterQueueOptions, true>);

class QueueInSql implements SqlDeadLetterQueue {
  private readonly name: string;
  private readonly table: OwnTable;
  private readonly letters: LetterTable;
  private readonly claims: LetterClaims;
  /** The calls so far, one after the other. */
  private lane: Promise<unknown> = Promise.resolve();
  /** Counts the puts and removals of this queue. */
  private changes = 0;

  constructor(database: SqlSource, options: SqlDeadLetterQueueOptions) {
    checkOptionNames(options, OPTION_NAMES, { of: 'sqlDeadLetterQueue()' });
    this.name = checkedName(options.name ?? 'dead-letters');
    const claimMs = wholeNumber('claimMs', options.claimMs ?? 60_000, 100, LONGEST_TIMER_MS);
    this.letters = new LetterTable(tableName('table', options.table ?? 'rx_dead_letters'), {
      queue: keyText(this.name),
      taker: randomUUID(),
      claimMs,
    });
    this.table = new OwnTable(database, (dialect) => this.letters.definition(dialect));
    this.claims = new LetterClaims(claimMs, (ids) => this.renew(ids));
  }

  async put(letters: readonly DeadLetter[]): Promise<void> {
    const written = writeLetters(letters).map(({ id, lastFailedAt, text }) => ({
      id: keyText(id),
      lastFailedAt,
      text,
    }));
    this.changes++;
    await this.ask('Putting letters into', (dialect) => this.letters.put(dialect, written));
    this.claims.delete(written.map(({ id }) => id));
  }

  list(): AsyncIterable<Result<DeadLetter, DeadLetterQueueError>> {
    return { [Symbol.asyncIterator]: () => this.listed() };
  }

  async take({ limit, failedBefore = Infinity }: TakeOptions): Promise<readonly DeadLetter[]> {
    checkLimit(limit);
    if (Number.isNaN(failedBefore)) return [];
    const taken: LetterRow[] = [];
    try {
      for (let isLast = false; !isLast && taken.length < limit;) {
        const most = Math.min(limit - taken.length, PAGE_LETTERS);
        const page = await this.ask('Taking letters from', (dialect) => this.letters.take(dialect, most, failedBefore));
        this.claims.add(page.map(({ id }) => id));
        taken.push(...page);
        isLast = page.length < most;
      }
      return taken.map((row) => orThrow(this.letterIn(row)));
    } catch (error) {
      await this.releaseKept(taken.map(({ id }) => id)).catch(() => undefined);
      throw error;
    }
  }

  release(ids: readonly string[]): Promise<void> {
    return this.releaseKept(ids.map(keyText));
  }

  async remove(ids: readonly string[]): Promise<void> {
    const those = ids.map(keyText);
    this.changes++;
    await this.ask('Removing letters from', (dialect) => this.letters.remove(dialect, those));
    this.claims.delete(those);
  }

  async purge(failedBefore?: number): Promise<number> {
    this.changes++;
    if (Number.isNaN(failedBefore)) return 0;
    return this.ask('Purging', () => this.letters.purge(failedBefore ?? Infinity));
  }

  depth(): Promise<number> {
    return this.ask('Counting the letters of', () => this.letters.depth());
  }

  async close(): Promise<void> {
    this.claims.close();
    await this.lane.catch(() => undefined);
    await this.table.close();
  }

  private async releaseKept(ids: readonly string[]): Promise<void> {
    this.claims.delete(ids);
    await this.ask('Releasing letters of', (dialect) => this.letters.release(dialect, ids));
  }

  /** Resolves with the ids that another taker has. A renewal that fails is made again. */
  private renew(ids: readonly string[]): Promise<readonly string[]> {
    return this.ask('Renewing the claims on letters of', (dialect) => this.letters.renew(dialect, ids)).catch(() => []);
  }

  /**
   * All letters in order. Ids that were first put after the start are skipped, and a replaced letter comes once more.
   */
  private async *listed(): AsyncGenerator<Result<DeadLetter, DeadLetterQueueError>> {
    const replaced = new Set<string>();
    const last = await this.ask('Listing', () => this.letters.lastNumber());
    for (let after: Place = START, size = 1; ;) {
      const page: readonly LetterRow[] = await this.ask('Listing', () => this.letters.page(after, size));
      if (page.length === 0) return;
      const before = this.changes;
      for (const row of page) {
        after = row;
        if (isPassedOver(row, last, replaced)) continue;
        yield this.letterIn(row);
        // What the reader removed must not be listed after it.
        if (this.changes !== before) break;
      }
      size = this.changes === before ? Math.min(2 * size, PAGE_LETTERS) : 1;
    }
  }

  private letterIn({ id, letter }: LetterRow): Result<DeadLetter, DeadLetterQueueError> {
    const read = parseDeadLetter(letter);
    if (read.ok) return read;
    return Err(
      new DeadLetterQueueError(
        `The dead letter ${id} of the queue "${this.name}" cannot be read: ${read.val}. It was changed by hand, or written ` +
          'by a newer version of rxforce. Read the queue with that version, or remove() the letter.',
        { retriable: false },
      ),
    );
  }

  /** Makes a call, after those before it. */
  private ask<T>(what: string, work: (dialect: Dialect) => Work<T>): Promise<T> {
    const asked = this.lane.then(() => this.tried(what, work));
    this.lane = asked.catch(() => undefined);
    return asked;
  }

  private async tried<T>(what: string, work: (dialect: Dialect) => Work<T>): Promise<T> {
    try {
      return await this.table.transaction(work);
    } catch (error) {
      if (!(error instanceof SqlFailure)) throw error;
      const { message, retriable, cause } = error;
      throw new DeadLetterQueueError(`${what} the dead-letter queue "${this.name}" failed: ${message}`, {
        retriable,
        cause,
      });
    }
  }
}

function isPassedOver({ number, since, id }: LetterRow, last: bigint, replaced: Set<string>): boolean {
  if (number <= last) return false;
  if (since > last || replaced.has(id)) return true;
  replaced.add(id);
  return false;
}

/** Throws for a letter that cannot be read, because a taken letter must not be skipped. */
function orThrow(letter: Result<DeadLetter, DeadLetterQueueError>): DeadLetter {
  if (letter.err) throw letter.val;
  return letter.val;
}

function checkedName(name: unknown): string {
  if (typeof name === 'string' && name !== '') return name;
  throw new ConfigurationError(`name is ${JSON.stringify(name)}, but must be a text, such as "dead-letters".`);
}
