import {
  concatMap,
  connect,
  distinctUntilChanged,
  EMPTY,
  filter,
  first,
  forkJoin,
  from,
  groupBy,
  map,
  merge,
  mergeMap,
  Observable,
  of,
  pipe,
  share,
  Subscription,
  switchMap,
  take,
  takeUntil,
  takeWhile,
  tap,
  throwError,
  timer,
  type ObservableInput,
  type OperatorFunction,
  type SchedulerLike,
  type Subscriber,
} from 'rxjs';
import { hold, joinHolds, type Hold } from '@rxforce/core/delivery';
import { memoryDeadLetterQueue } from '@rxforce/dead-letters';
import { batchBy, byChangeType, filterField, handle, limit, retryWithDLQ } from '@rxforce/operators';
import { indexOf, KINDS, TYPES, type EventLog, type Thing } from './event-log.js';
import type { Life } from './life.js';
import type { StageSpec, WorkTraits } from './stage-spec.js';

type ThingOperator = OperatorFunction<Thing, Thing>;

/** A part of a pipeline: what it does, and what it owes to an event. */
export interface Stage {
  /** The operator, for one subscription. */
  operator(life: Life): ThingOperator;
  /**
   * How many values an event has become behind the stage, of `count` before it; NaN while work on it is missing.
   */
  flow(life: Life, event: number, count: number): number;
  /** Whether it, or a part of it, has ended for good in this life. */
  hasClosed(life: Life): boolean;
  /** Whether what it emits comes in the log's order. */
  readonly keepsOrder: boolean;
}

/** What stages need of the world around them. */
export interface StageContext {
  readonly log: EventLog;
  /** The clock of the process that runs now. */
  scheduler(): SchedulerLike;
  /** Whether nothing fails any more. */
  isCalm(): boolean;
  /** A promise about order or concurrency was broken. */
  broken(rule: string): void;
}

/** What the pipeline's own faults throw. */
export class InjectedError extends Error {
  override readonly name = 'InjectedError';
}

/** Where a stage stands. */
interface Place {
  /** In a branch: the subscription goes on when it ends. */
  readonly inBranch: boolean;
  /** Whether values come to it in the log's order, and all to one instance of it. */
  readonly ordered: boolean;
  /** Whether its source emits inside `subscribe()`, where a `share()` has its first subscriber only. */
  readonly early: boolean;
}

/** Makes stages, and numbers them. */
export class Stages {
  private numbers = 0;
  /** How often each event was tried at each stage. */
  private readonly attempts = new Map<string, number>();

  constructor(private readonly context: StageContext) {}

  /** A whole pipeline. */
  pipeline(specs: readonly StageSpec[]): Stage {
    return this.chain(specs, { inBranch: false, ordered: true, early: false });
  }

  private chain(specs: readonly StageSpec[], place: Place): Stage {
    let { ordered } = place;
    const stages = specs.map((spec) => {
      const stage = this.stage(spec, { ...place, ordered });
      ordered &&= stage.keepsOrder;
      return stage;
    });
    return {
      operator: (life) => (source) => stages.reduce((before, stage) => before.pipe(stage.operator(life)), source),
      flow: (life, event, count) => stages.reduce((sum, stage) => stage.flow(life, event, sum), count),
      hasClosed: (life) => stages.some((stage) => stage.hasClosed(life)),
      keepsOrder: stages.every((stage) => stage.keepsOrder),
    };
  }

  private stage(spec: StageSpec, place: Place): Stage {
    switch (spec.op) {
      case 'pass':
        return { ...PLAIN, operator: () => passing(spec.how) };
      case 'filter':
        return this.filter(spec);
      case 'distinct':
        return this.distinct();
      case 'handle':
        return this.handle(spec, place);
      case 'linger':
        return this.linger(spec.work);
      case 'gather':
        return this.gather(spec.size);
      case 'batch':
        return this.batch(spec);
      case 'aside':
        return this.aside(spec);
      case 'fork':
        return this.fork(spec, place);
      case 'group':
        return this.group(spec.inner, place);
      case 'nest':
        return this.nest(spec);
      case 'cut':
        return this.cut(spec, place);
      case 'throw':
        return this.throwing(spec.event);
    }
  }

  private filter({ by, bits }: Extract<StageSpec, { op: 'filter' }>): Stage {
    const chosen = <T>(values: readonly T[]) => values.filter((_value, index) => bits & (1 << index));
    const traitOf = (event: number) => {
      const { type, kind } = this.context.log.trait(event);
      return { index: event % 3, byChangeType: type, filterField: kind }[by];
    };
    const keeps = (event: number) => (bits & (1 << traitOf(event))) !== 0;
    const operator: ThingOperator = {
      index: filter<Thing>((event) => keeps(indexOf(event))),
      byChangeType: byChangeType<Thing>(...chosen(TYPES)),
      filterField: filterField<Thing, 'in'>('Kind', 'in', chosen(KINDS)),
    }[by];
    return { ...PLAIN, operator: () => operator, flow: (_life, event, count) => (keeps(event) ? count : 0) };
  }

  private distinct(): Stage {
    const id = this.numbers++;
    return {
      ...PLAIN,
      operator: (life) =>
        pipe(
          counted(life.tally(id).arrived),
          distinctUntilChanged((before: Thing, event: Thing) => {
            const same = before.data.Kind === event.data.Kind;
            if (same) life.tally(id).done[indexOf(event)]!++;
            return same;
          }),
        ),
      // `done` counts what was dropped.
      flow: (life, event, count) =>
        life.tally(id).arrived[event] === count ? count - life.tally(id).done[event]! : NaN,
    };
  }

  private handle({ concurrency, work }: Extract<StageSpec, { op: 'handle' }>, { ordered }: Place): Stage {
    const id = this.numbers++;
    return {
      ...PLAIN,
      operator: (life) => {
        const watch = ordered
          ? new OrderWatch(concurrency, (rule) => this.context.broken(`handle ${id}: ${rule}`))
          : undefined;
        return pipe(
          counted(life.tally(id).arrived),
          handle((event) => this.work(event, id, work, life, watch), { concurrency }),
        );
      },
      flow: (life, event, count) => worked(life, id, event, count) * traitsOf(work, event).results,
      keepsOrder: concurrency === 1,
    };
  }

  private work(
    event: Thing,
    id: number,
    work: readonly WorkTraits[],
    life: Life,
    watch: OrderWatch | undefined,
  ): ObservableInput<Thing> {
    const index = indexOf(event);
    const { how, delayMs, results } = traitsOf(work, index);
    const fails = this.failsNow(id, index, work);
    return new Observable<Thing>((subscriber) => {
      const watched = watch?.started(index, event.header.recordIds[0]!);
      subscriber.add(watched);
      const end = () => {
        if (subscriber.closed) return;
        if (fails) {
          subscriber.error(new InjectedError(`handle ${id} at ${index}`));
          return;
        }
        for (let count = 0; count < results; count++) subscriber.next(event);
        if (isClosed(subscriber)) return;
        life.tally(id).done[index]!++;
        watched?.unsubscribe();
        subscriber.complete();
      };
      if (how === 'sync') end();
      else if (how === 'promise') void Promise.resolve().then(end);
      else subscriber.add(this.context.scheduler().schedule(end, delayMs));
    });
  }

  /** Goes on after it was unsubscribed: what it does then still counts. */
  private linger(work: readonly WorkTraits[]): Stage {
    const id = this.numbers++;
    const take = (event: Thing, life: Life) => {
      const index = indexOf(event);
      const held = hold(event);
      const fails = this.failsNow(id, index, work);
      this.context.scheduler().schedule(() => {
        if (fails) {
          held.fail(new InjectedError(`linger ${id} at ${index}`));
          return;
        }
        life.tally(id).done[index]!++;
        held.release();
      }, traitsOf(work, index).delayMs);
    };
    return {
      ...PLAIN,
      operator: (life) =>
        pipe(
          counted(life.tally(id).arrived),
          tap((event) => take(event, life)),
          filter(() => false),
        ),
      flow: (life, event, count) => worked(life, id, event, count) * 0,
    };
  }

  /** The smallest operator that collects: it waits for as many as told, or the end. */
  private gather(size: number): Stage {
    const id = this.numbers++;
    return {
      ...PLAIN,
      operator: (life) =>
        pipe(
          counted(life.tally(id).arrived),
          gather(size, life.tail$, (event) => life.tally(id).done[indexOf(event)]!++),
        ),
      flow: (life, event, count) => worked(life, id, event, count),
    };
  }

  private batch({ size, maxWaitMs }: Extract<StageSpec, { op: 'batch' }>): Stage {
    const id = this.numbers++;
    return {
      ...PLAIN,
      operator: (life) => {
        const { arrived, done } = life.tally(id);
        return pipe(
          counted(arrived),
          this.inBatches(size, maxWaitMs, (batches) => batches),
          counted(done),
        );
      },
      flow: (life, event, count) => worked(life, id, event, count),
    };
  }

  /** What is put aside is passed on, too: who is behind it sees each event once. */
  private aside({ concurrency, work, poison, size }: Extract<StageSpec, { op: 'aside' }>): Stage {
    const id = this.numbers++;
    return {
      ...PLAIN,
      operator: (life) => {
        const { arrived, done } = life.tally(id);
        const scheduler = this.context.scheduler();
        const options = {
          maxRetries: 1,
          delays: { type: 'constant', delayMs: 3 },
          scheduler,
          concurrency,
          splitBatches: true,
          deadLetters: memoryDeadLetterQueue(),
        } as const;
        const attempt = (event: Thing) => this.attempt(event, id, work, indexOf(event) === poison);
        const handled: ThingOperator =
          size === undefined
            ? pipe(
                retryWithDLQ(attempt, options),
                map((result) => (result.ok ? result.val : result.val.value)),
              )
            : this.inBatches(
                size,
                20,
                pipe(
                  retryWithDLQ((events: Thing[]) => forkJoin(events.map(attempt)), options),
                  map((result) => (result.ok ? result.val : [result.val.value])),
                ),
              );
        return pipe(counted(arrived), handled, counted(done));
      },
      flow: (life, event, count) => worked(life, id, event, count),
      keepsOrder: concurrency === 1 && size === undefined,
    };
  }

  private inBatches(size: number, maxWaitMs: number, work: OperatorFunction<Thing[], Thing[]>): ThingOperator {
    return pipe(
      batchBy<Thing>(size, maxWaitMs, { scheduler: this.context.scheduler() }),
      work,
      mergeMap((batch) => batch),
    );
  }

  private attempt(event: Thing, id: number, work: readonly WorkTraits[], isPoison: boolean): Observable<Thing> {
    const { how, delayMs } = traitsOf(work, indexOf(event));
    const fails = isPoison || this.failsNow(id, indexOf(event), work);
    const outcome = fails ? throwError(() => new InjectedError(`aside ${id} at ${indexOf(event)}`)) : of(event);
    if (how === 'sync') return outcome;
    if (how === 'promise') return from(Promise.resolve()).pipe(mergeMap(() => outcome));
    return timer(delayMs, this.context.scheduler()).pipe(mergeMap(() => outcome));
  }

  private fork({ how, branches }: Extract<StageSpec, { op: 'fork' }>, { ordered, early }: Place): Stage {
    const parts = branches.map((specs) => this.branch(specs, { inBranch: true, ordered, early }));
    const all = (life: Life, source: Observable<Thing>) =>
      merge(...parts.map((part) => source.pipe(part.operator(life))));
    return {
      operator: (life) =>
        how === 'connect' || early
          ? connect((source) => all(life, source))
          : (source) => all(life, source.pipe(share())),
      flow: (life, event, count) => parts.reduce((sum, part) => sum + part.flow(life, event, count), 0),
      hasClosed: (life) => parts.every((part) => part.hasClosed(life)),
      keepsOrder: false,
    };
  }

  private group(specs: readonly StageSpec[], { early }: Place): Stage {
    const inner = this.branch(specs, { inBranch: true, ordered: false, early });
    return {
      ...PLAIN,
      operator: (life) =>
        pipe(
          groupBy((event) => event.data.Kind!),
          mergeMap((group$) => group$.pipe(inner.operator(life))),
        ),
      flow: inner.flow,
      keepsOrder: false,
    };
  }

  private nest({ how, inner: specs }: Extract<StageSpec, { op: 'nest' }>): Stage {
    const inner = this.branch(specs, { inBranch: true, ordered: false, early: true });
    return {
      ...PLAIN,
      operator: (life) => {
        const each = (event: Thing) => of(event).pipe(inner.operator(life));
        return how === 'switch' && life.faulty ? switchMap(each) : mergeMap(each);
      },
      flow: inner.flow,
      keepsOrder: false,
    };
  }

  /** A part of a pipeline that may end without the rest: what comes to it is counted. */
  private branch(specs: readonly StageSpec[], place: Place): Stage {
    const id = this.numbers++;
    const inner = this.chain(specs, place);
    return {
      ...inner,
      operator: (life) => pipe(counted(life.tally(id).arrived), inner.operator(life)),
      flow: (life, event, count) => {
        const arrived = life.tally(id).arrived[event]!;
        return arrived === count || inner.hasClosed(life) ? inner.flow(life, event, arrived) : NaN;
      },
    };
  }

  private cut({ how, count }: Extract<StageSpec, { op: 'cut' }>, { inBranch }: Place): Stage {
    const id = this.numbers++;
    return {
      ...PLAIN,
      operator: (life) => {
        if (!life.faulty) return (source) => source;
        return pipe(
          cutting(how, count, this.context.scheduler()),
          tap({ complete: () => life.closed.add(id) }),
          // It takes no more, though it completes later.
          map((event, index) => {
            if (how === 'limit' && index + 1 === count) life.closed.add(id);
            return event;
          }),
          counted(life.tally(id).arrived),
        );
      },
      // What a branch that ended does not take is nobody's; what a whole pipeline does not take comes again.
      flow: (life, event, count) => (inBranch && life.closed.has(id) ? life.tally(id).arrived[event]! : count),
      hasClosed: (life) => life.closed.has(id),
    };
  }

  private throwing(at: number): Stage {
    let thrown = false;
    const operator = tap<Thing>((event) => {
      if (thrown || this.context.isCalm() || indexOf(event) !== at) return;
      thrown = true;
      throw new InjectedError(`map at ${at}`);
    });
    return { ...PLAIN, operator: () => operator };
  }

  private failsNow(id: number, index: number, work: readonly WorkTraits[]): boolean {
    const key = `${id} ${index}`;
    const attempt = (this.attempts.get(key) ?? 0) + 1;
    this.attempts.set(key, attempt);
    return traitsOf(work, index).fails && attempt === 1 && !this.context.isCalm();
  }
}

/** Passes all on, in order, and never ends. */
const PLAIN: Omit<Stage, 'operator'> = {
  flow: (_life, _event, count) => count,
  hasClosed: () => false,
  keepsOrder: true,
};

/** Asked anew: it may have been closed meanwhile. */
function isClosed({ closed }: Subscriber<unknown>): boolean {
  return closed;
}

function traitsOf(work: readonly WorkTraits[], event: number): WorkTraits {
  return work[event % work.length]!;
}

/** The count, if all that came was worked on. */
function worked(life: Life, id: number, event: number, count: number): number {
  const { arrived, done } = life.tally(id);
  return arrived[event] === count && done[event] === count ? count : NaN;
}

function counted(counts: number[]): ThingOperator {
  return tap((event) => counts[indexOf(event)]!++);
}

function passing(how: Extract<StageSpec, { op: 'pass' }>['how']): ThingOperator {
  switch (how) {
    case 'spread':
      return map((event) => ({ ...event }));
    case 'data':
      return map(({ header, data }) => ({ header, data }) as Thing);
    case 'tap':
      return tap(() => undefined);
    case 'mergeEmpty':
      return (source) => merge(source, EMPTY);
    case 'mergeOf':
      return mergeMap((event) => of(event));
    case 'concatOf':
      return concatMap((event) => of(event));
    case 'switchOf':
      return switchMap((event) => of(event));
    case 'share':
      return share();
  }
}

function cutting(
  how: Extract<StageSpec, { op: 'cut' }>['how'],
  count: number,
  scheduler: SchedulerLike,
): ThingOperator {
  switch (how) {
    case 'take':
      return take(count);
    case 'first':
      return first();
    case 'takeWhile':
      return takeWhile((_event, index) => index < count);
    case 'takeUntil':
      return takeUntil(timer(count * 7, scheduler));
    case 'limit':
      return limit(count);
  }
}

function gather(size: number, tail$: Observable<void>, done: (event: Thing) => void): ThingOperator {
  return (source) =>
    new Observable((subscriber) => {
      let kept: { readonly event: Thing; readonly held: Hold }[] = [];
      const flush = () => {
        const batch = kept;
        kept = [];
        const held = joinHolds(batch.map((item) => item.held));
        batch.forEach(({ event }) => {
          held.emit(subscriber, event);
          if (!subscriber.closed) done(event);
        });
        held.release();
      };
      subscriber.add(() => kept.forEach(({ held }) => held.abandon()));
      subscriber.add(tail$.subscribe(flush));
      subscriber.add(
        source.subscribe({
          next: (event) => {
            kept.push({ event, held: hold(event) });
            if (kept.length >= size) flush();
          },
          error: (error: unknown) => subscriber.error(error),
          complete: () => {
            flush();
            subscriber.complete();
          },
        }),
      );
    });
}

/** Looks whether work starts in order where it must, and no more at a time than allowed. */
class OrderWatch {
  private readonly last = new Map<string, number>();
  private readonly running = new Map<string, number>();
  private active = 0;

  constructor(
    private readonly concurrency: number,
    private readonly broken: (rule: string) => void,
  ) {}

  /** Returns what to unsubscribe when the work has ended. */
  started(index: number, kind: string): Subscription {
    const key = this.concurrency === 1 ? '' : kind;
    if (index < (this.last.get(key) ?? -1)) this.broken(`${index} was started after ${this.last.get(key)!}`);
    this.last.set(key, index);
    if (++this.active > this.concurrency) this.broken(`${this.active} at a time`);
    const running = (this.running.get(kind) ?? 0) + 1;
    this.running.set(kind, running);
    if (running > 1) this.broken(`two of record ${kind} at a time`);
    return new Subscription(() => {
      this.active--;
      this.running.set(kind, this.running.get(kind)! - 1);
    });
  }
}
