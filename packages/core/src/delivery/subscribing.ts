import { processWide } from './process-wide.js';

/** The reports to a live subscription of a stream about the pipeline downstream of it. */
export interface PipelineListener {
  /** Somebody downstream works on events: an operator or a last subscriber, known by its frame. */
  announced(by: object): void;
  /** It does not, as what it is given are groups or windows. */
  retracted(by: object): void;
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

/** The facts known about a tracked Observable when its pipeline is built. */
export interface PipelinePlace {
  /** Whether it is a stream itself. */
  readonly isStream: boolean;
  /** How many plain operators come before its output, counted from the stream or the last operator of ours. */
  readonly index: number;
  /** Whether an operator of ours that works comes before it. */
  readonly afterWork: boolean;
  /** The live subscriptions of the stream that it was made from. Empty where the stream is not known. */
  readonly streams: LiveStreams;
  /** Whether something hides the stream, which may be connected later. */
  readonly hidden: boolean;
  /** For what follows a group or window: the subscription of the operator that made it. */
  readonly outer: Frame | undefined;
  /** Holds the stack of the call of `pipe()`. For what follows groups, it is that of the first one. */
  readonly built: Error | undefined;
  /** For what follows a group or window: the place that the outputs of the next plain operators share. */
  lifted: PipelinePlace | undefined;
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
  /** The user's own subscriber, where it is that, and no operator. */
  readonly last: LastSubscriber | undefined;
  /** The Observable subscribed to, as the place that all its subscriptions share. `undefined` for a stream itself. */
  readonly of: object | undefined;
  /** Whether it is the subscription of an operator that works. */
  works: boolean;
  /** Those who have subscribed in it and work. */
  announcers: Set<object> | undefined;
  /** The live subscriptions of streams in it. */
  streams: Set<PipelineListener> | undefined;
  /** For an operator that emits groups or windows: the place that all of them share. */
  partPlace: PipelinePlace | undefined;
}

/** The subscriber at the end of a pipeline. */
export interface LastSubscriber {
  /** Whether it has no `next`. Then only operators work on the values. */
  readonly bare: boolean;
}

const registry = processWide<Frame>('subscribing/3');

/** The frame that is open at this moment, if any. */
export function currentFrame(): Frame | undefined {
  return registry.current();
}

/** The parts of a new frame. `parent` is the open frame by default; where none is open, it is `outer`. */
type NewFrame = Pick<Frame, 'subscriber'> &
  Partial<Pick<Frame, 'parent' | 'of' | 'last'>> & { readonly outer?: Frame | undefined };

/** Makes a frame. */
export function newFrame({ subscriber, outer, parent = registry.current() ?? outer, of, last }: NewFrame): Frame {
  return {
    parent,
    subscriber,
    of,
    last,
    works: false,
    announcers: undefined,
    streams: undefined,
    partPlace: undefined,
  };
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

/** All who have announced themselves for good. They need not be told apart, and there may be one for each record. */
export const SURE: object = {};

/**
 * Announces a subscriber that works, to all streams that were or will be subscribed in the frame or around it.
 *
 * @param by - Who announces it. Only this one can take it back.
 */
export function announce(frame: Frame, by: object): void {
  for (let each: Frame | undefined = frame; each; each = each.parent) {
    (each.announcers ??= new Set()).add(by);
    each.streams?.forEach((stream) => stream.announced(by));
  }
}

/** Takes an announcement back. */
export function retract(frame: Frame, by: object): void {
  for (let each: Frame | undefined = frame; each; each = each.parent) {
    each.announcers?.delete(by);
    each.streams?.forEach((stream) => stream.retracted(by));
  }
}

/** Takes an announcement out of the frames, where its subscriber has ended. The streams that have heard it keep it. */
export function forget(frame: Frame, by: object): void {
  for (let each: Frame | undefined = frame; each; each = each.parent) each.announcers?.delete(by);
}

/**
 * The last subscriber around a frame, where that gets what comes out of the frame: no operator that works is in
 * between.
 */
export function lastAround(frame: Frame | undefined): LastSubscriber | undefined {
  for (let each = frame; each; each = each.parent) {
    if (each.last !== undefined) return each.last;
    if (each.works) return undefined;
  }
  return undefined;
}

/**
 * Registers the subscription of a stream.
 *
 * Those who work and have subscribed before are announced at once.
 *
 * @returns Ends the registration, at the end of the subscription.
 */
export function registerStream(stream: PipelineListener): () => void {
  const innermost = registry.current();
  for (let frame = innermost; frame; frame = frame.parent) {
    (frame.streams ??= new Set()).add(stream);
    frame.announcers?.forEach((by) => stream.announced(by));
  }
  return () => {
    for (let frame = innermost; frame; frame = frame.parent) frame.streams?.delete(stream);
  };
}

/** The live streams of the nearest frame that has any. */
export function streamsOf(frame: Frame | undefined): ReadonlySet<PipelineListener> {
  for (let each = frame; each; each = each.parent) if (each.streams?.size) return each.streams;
  return NO_STREAMS;
}

const NO_STREAMS: ReadonlySet<PipelineListener> = new Set();
