import { firstValueFrom, from, lastValueFrom, race, tap, timer, type ObservableInput, type SchedulerLike } from 'rxjs';
import { jsonOf } from '@rxforce/core/model';
import { QueueDepths } from '@rxforce/core/telemetry';
import type { DeadLetter, DeadLetterQueue, RetryPolicy } from '@rxforce/dead-letters';
import type { LetterChoice } from '@rxforce/dead-letters/internal';
import type { LiveJob, LiveQueueReading } from '../state/live-reading.js';

/** A dead-letter queue, and how its letters are worked on again. */
export interface LiveQueue {
  readonly queue: DeadLetterQueue;
  /**
   * Works on the value of a letter again. A letter whose work is done is removed, one that fails again stays.
   *
   * @defaultValue none: the page offers no redrive for the queue
   */
  readonly redrive?: (value: unknown, letter: DeadLetter) => ObservableInput<unknown>;
  /**
   * Says what a redrive does while the system is away that the letters go to: which errors mean that, and how long to
   * wait after one. It is called when a redrive begins. Where `delays` throws, the redrive ends with that error, and
   * the letters that are left stay as they were.
   *
   * @defaultValue none: each letter is tried once
   */
  readonly outages?: () => Pick<RetryPolicy, 'outage' | 'delays'>;
}

/** A letter as the page shows it. */
export interface ShownLetter {
  readonly id: string;
  readonly topic: string | null;
  readonly type: string;
  readonly entity: string | null;
  readonly recordIds: readonly string[];
  readonly error: { readonly name: string; readonly message: string; readonly code: string | null };
  readonly attempts: number;
  readonly firstFailedAt: number;
  readonly lastFailedAt: number;
  /** The event itself. Only where values may be shown. */
  readonly value?: unknown;
}

/** Letters that are shown, and how many there are that are not. */
export interface ShownLetters {
  readonly letters: readonly ShownLetter[];
  /** Whether there are more that fit. */
  readonly hasMore: boolean;
  /** Letters that cannot be read. */
  readonly unreadable: number;
}

/** Hears how work on letters ended, in one sentence. */
export type Audit = (level: 'info' | 'error', text: string) => void;

/** Most letters that are shown at once. */
const MOST_SHOWN = 200;
/** Jobs that are remembered. */
const MOST_JOBS = 20;
/** How long a reading waits for the queues, in milliseconds: one that does not answer must not take it away. */
const ANSWER_WITHIN_MS = 1_000;
/** Letters that are removed at once. */
const AT_ONCE = 100;

type Job = { -readonly [K in keyof LiveJob]: LiveJob[K] };

/** The dead letters of a page: what there is, and work on them in the background. */
export class DeadLetters {
  private depths: QueueDepths;
  private known: ReadonlyMap<string, number> = new Map();
  private readonly work: Job[] = [];
  private jobs = 0;

  constructor(
    private readonly queues: Readonly<Record<string, LiveQueue>>,
    private readonly audit: Audit,
    private readonly scheduler: SchedulerLike,
  ) {
    this.depths = this.ask();
  }

  /** The queues, as they last answered. It asks them, at most every 15 seconds. */
  read(): { readonly queues: readonly LiveQueueReading[]; readonly jobs: readonly LiveJob[] } {
    void this.count();
    const queues = Object.entries(this.queues).map(([name, { redrive }]) => ({
      name,
      depth: this.known.get(name) ?? null,
      canRedrive: redrive !== undefined,
    }));
    return { queues, jobs: this.work.map((job) => ({ ...job })) };
  }

  /** Asks the queues, too, and waits a moment for their answers: for who reads once. */
  async counted(): Promise<void> {
    await firstValueFrom(race(from(this.count()), timer(ANSWER_WITHIN_MS, this.scheduler)));
  }

  /** Whether there is a queue of this name. */
  has(name: string): boolean {
    return Object.hasOwn(this.queues, name);
  }

  /** Whether letters of this queue can be redriven. */
  canRedrive(name: string): boolean {
    return this.queues[name]?.redrive !== undefined;
  }

  /** Whether somebody works on the letters of a queue. */
  isBusy(name: string): boolean {
    return this.busy.includes(name);
  }

  /** The queues whose letters somebody works on. */
  get busy(): readonly string[] {
    return this.work.filter(({ state }) => state === 'running').map(({ queue }) => queue);
  }

  /** The letters of a queue that are meant, oldest first. */
  async list(name: string, choice: LetterChoice, showsValues: boolean): Promise<ShownLetters> {
    const { isChosen } = await import('@rxforce/dead-letters/internal');
    const letters: ShownLetter[] = [];
    let unreadable = 0;
    for await (const letter of this.queueNamed(name).list()) {
      if (letter.err) unreadable++;
      else if (isChosen(letter.val, choice)) {
        if (letters.length === MOST_SHOWN) return { letters, hasMore: true, unreadable };
        letters.push(shown(letter.val, showsValues));
      }
    }
    return { letters, hasMore: false, unreadable };
  }

  /** Begins to work on letters again, or to remove them. How far it is, is in the next readings. */
  begin(kind: LiveJob['kind'], name: string, choice: LetterChoice): LiveJob {
    const startedAt = this.scheduler.now();
    const job: Job = {
      ...{ id: ++this.jobs, kind, queue: name, state: 'running' },
      ...{ of: null, done: 0, failed: 0, reason: null, startedAt, endedAt: null },
    };
    this.work.push(job);
    if (this.work.length > MOST_JOBS) this.work.shift();
    const ended = kind === 'redrive' ? this.redrive(job, choice) : this.discard(job, choice);
    void ended.then(
      () => this.ended(job, choice),
      (error: unknown) => this.ended(job, choice, error instanceof Error ? error.message : String(error)),
    );
    return { ...job };
  }

  private async count(): Promise<void> {
    const asked = this.depths;
    const depths = await asked.depths();
    if (asked === this.depths) this.known = depths;
  }

  private async redrive(job: Job, choice: LetterChoice): Promise<void> {
    const { redrive } = await import('@rxforce/dead-letters');
    const { someLetters } = await import('@rxforce/dead-letters/internal');
    const { redrive: project, outages } = this.queues[job.queue] ?? {};
    if (project === undefined) throw new Error('The letters of this queue cannot be redriven here.');
    const queue = this.queueNamed(job.queue);
    job.of = isAll(choice) ? await queue.depth() : (await this.chosen(queue, choice)).length;
    const { view, release } = someLetters(queue, choice, Infinity);
    let failed = new Set<string>();
    const counted = (value: unknown, letter: DeadLetter) => project(value, letter);
    // A letter is removed once its work has completed; its results, if there are any, come after that.
    const watched = {
      ...view,
      remove: (ids: readonly string[]) => view.remove(ids).then(() => void (job.done += ids.length)),
    };
    const outcomes$ = redrive(watched, counted, { asTheyWere: true, ...outages?.() }).pipe(
      tap((outcome) => {
        if (outcome.err) job.failed = (failed = failed.add(outcome.val.id)).size;
      }),
    );
    await lastValueFrom(outcomes$, { defaultValue: undefined }).finally(release);
  }

  private async discard(job: Job, choice: LetterChoice): Promise<void> {
    const queue = this.queueNamed(job.queue);
    const ids = await this.chosen(queue, choice);
    job.of = ids.length;
    for (let from = 0; from < ids.length; from += AT_ONCE) {
      const some = ids.slice(from, from + AT_ONCE);
      await queue.remove(some);
      job.done += some.length;
    }
  }

  /** The ids of the letters that are meant. */
  private async chosen(queue: DeadLetterQueue, choice: LetterChoice): Promise<readonly string[]> {
    const { isChosen } = await import('@rxforce/dead-letters/internal');
    const ids: string[] = [];
    for await (const letter of queue.list()) if (letter.ok && isChosen(letter.val, choice)) ids.push(letter.val.id);
    return ids;
  }

  private ended(job: Job, { ids = [], match }: LetterChoice, reason: string | null = null): void {
    job.state = reason === null ? 'done' : 'failed';
    job.reason = reason;
    job.endedAt = this.scheduler.now();
    this.depths = this.ask();
    const what = ids.length > 0 ? `of ${ids.length} chosen` : match === undefined ? 'of all' : `that match "${match}"`;
    const done = job.kind === 'redrive' ? `were redriven, ${job.failed} failed again` : 'were discarded';
    const end = reason === null ? '' : `. It ended before the last one: ${reason}`;
    this.audit(reason === null ? 'info' : 'error', `dead letters of ${job.queue}, ${what}: ${job.done} ${done}${end}`);
  }

  private queueNamed(name: string): DeadLetterQueue {
    const found = this.queues[name];
    if (found === undefined) throw new Error(`There is no queue ${name}.`);
    return found.queue;
  }

  private ask(): QueueDepths {
    const queues = Object.entries(this.queues).map(([name, { queue }]) => [name, queue] as const);
    return new QueueDepths(Object.fromEntries(queues), this.scheduler);
  }
}

function isAll({ ids = [], match }: LetterChoice): boolean {
  return ids.length === 0 && match === undefined;
}

function shown(letter: DeadLetter, showsValues: boolean): ShownLetter {
  const { id, topic = null, value, error, attempts, firstFailedAt, lastFailedAt } = letter;
  const { header } = Object(value) as {
    readonly header?: { changeType?: string; entityName?: string; recordIds?: readonly string[] };
  };
  return {
    ...{ id, topic, attempts, firstFailedAt, lastFailedAt },
    type: header?.changeType ?? 'EVENT',
    entity: header?.entityName ?? null,
    recordIds: header?.recordIds ?? [],
    error: { name: error.name, message: error.message, code: error.code ?? null },
    ...(showsValues && { value: jsonOf(value) }),
  };
}
