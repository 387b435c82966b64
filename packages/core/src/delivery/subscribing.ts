import { processWide } from './process-wide.js';

/** The reports to a live subscription of a stream about the pipeline downstream of it. */
export interface PipelineListener {
  /** Somebody downstream works on events. */
  announced(): void;
  /** An operator that withheld events has completed by itself, so it has nothing left to do or to emit. */
  finished(operator: object): void;
  /**
   * A plain operator keeps events past their settlement.
   *
   * @returns The error that the subscription ends with, if it ends at once.
   */
  kept(finding: KeptFinding): Error | undefined;
  /** An operator that holds events received a value late, through an opaque Observable. */
  late(): void;
}

/** The finding that a plain operator keeps events. */
export interface KeptFinding {
  /**
   * How it keeps them: it emitted after the call, or emitted an array of earlier values, or an Observable that nobody
   * subscribed to.
   */
  readonly how: 'late' | 'collected' | 'unheard';
  /** The number of the plain operator, counted from 1 after the stream or after the last operator of ours. */
  readonly place: number;
  /**
   * Whether it emitted a received value, with others in an array, or as a text or a number. Then it collects or delays,
   * and does no work. A single object may be the result of work.
   */
  readonly passesOn: boolean;
  /** Whether no other plain operator follows it. */
  readonly isLast: boolean;
  /** Whether an operator of ours that works comes before it. */
  readonly afterWork: boolean;
  /** Whether it is applied to a group or window of the stream's values. */
  readonly inPart: boolean;
  /** Whether only operators work on its values, as the last subscriber has no `next`. */
  readonly bare: boolean;
  /** The place of the call of its `pipe()`, where that is known. */
  readonly builtAt: string | undefined;
  /** The delivery of the first event that it kept. */
  readonly first: unknown;
}

/** The live subscriptions of one stream. */
export interface LiveStreams {
  readonly live: Set<PipelineListener>;
  /** Whether a subscriber that works has subscribed before the stream is connected, as `publish()` allows. */
  expected: boolean;
}

/**
 * One `subscribe()` of a pipeline: the subscriptions inside it, and whether any of them works. Operators and last
 * subscribers open a frame around the subscription of their source, so that a stream subscribed inside can see what is
 * downstream of it.
 */
export interface Frame {
  readonly parent: Frame | undefined;
  /** The subscriber. */
  readonly subscriber: { readonly closed: boolean };
  /** Whether it is the user's own `subscribe()`, and no operator. */
  readonly isLast: boolean;
  /** The Observable subscribed to, as the place that all its subscriptions share. `undefined` for a stream itself. */
  readonly of: object | undefined;
  /** Whether a subscriber that works has subscribed in it. */
  announced: boolean;
  /** The live subscriptions of streams in it. */
  readonly streams: Set<PipelineListener>;
  /** Holds the stack of the first call of `pipe()` of a group or window: there may be a group for each record. */
  builtInside: Error | undefined;
}

const registry = processWide<Frame>('subscribing/2');

/** The frame that is open at this moment, if any. */
export function currentFrame(): Frame | undefined {
  return registry.current();
}

/** The parts of a new frame. `parent` is the open frame by default; where none is open, it is `outer`. */
type NewFrame = Pick<Frame, 'subscriber'> &
  Partial<Pick<Frame, 'parent' | 'of' | 'isLast'>> & { readonly outer?: Frame | undefined };

/** Makes a frame. */
export function newFrame({
  subscriber,
  outer,
  parent = registry.current() ?? outer,
  of,
  isLast = false,
}: NewFrame): Frame {
  return { parent, subscriber, of, isLast, announced: false, streams: new Set(), builtInside: undefined };
}

/** Calls `work` in a frame, also in one that was opened before. */
export function inFrame(frame: Frame | undefined, work: () => void): void {
  const before = registry.current();
  registry.enter(frame ?? before);
  try {
    work();
  } finally {
    registry.enter(before);
  }
}

/**
 * Remembers the frame that is open at this moment, for an operator that subscribes to a stream later.
 *
 * @returns Calls its argument in that frame.
 */
export function keepFrame(): (work: () => void) => void {
  const frame = registry.current();
  return (work) => inFrame(frame, work);
}

/** Announces a subscriber that works, to all streams that were or will be subscribed in the frame or around it. */
export function announce(frame: Frame): void {
  for (let each: Frame | undefined = frame; each; each = each.parent) {
    each.announced = true;
    each.streams.forEach((stream) => stream.announced());
  }
}

/**
 * Registers the subscription of a stream.
 *
 * @returns Whether a subscriber that works was announced, and the function to call at the end of the subscription.
 */
export function registerStream(stream: PipelineListener): { readonly announced: boolean; readonly end: () => void } {
  const innermost = registry.current();
  let announced = false;
  for (let frame = innermost; frame; frame = frame.parent) {
    frame.streams.add(stream);
    announced ||= frame.announced;
  }
  const end = () => {
    for (let frame = innermost; frame; frame = frame.parent) frame.streams.delete(stream);
  };
  return { announced, end };
}

/** The live streams of the nearest frame that has any. */
export function streamsOf(frame: Frame | undefined): ReadonlySet<PipelineListener> {
  for (let each = frame; each; each = each.parent) if (each.streams.size > 0) return each.streams;
  return NO_STREAMS;
}

const NO_STREAMS: ReadonlySet<PipelineListener> = new Set();
