/** What a live subscription of a stream hears of the pipeline behind it. */
export interface PipelineListener {
  /** Somebody downstream works on events. */
  announced(): void;
  /** One that withheld events has completed by itself, so it has nothing left to do or to give. */
  finished(operator: object): void;
  /**
   * A plain operator keeps events past their settlement.
   *
   * @returns The error that the subscription ends with for it, if it does at once.
   */
  kept(finding: KeptFinding): Error | undefined;
  /** An operator that holds events was given a value that came late, through what cannot be looked into. */
  late(): void;
}

/** A plain operator was seen to keep events. */
export interface KeptFinding {
  /** How: it emitted later than the call, or an array of what came before, or an Observable that nobody subscribed to. */
  readonly how: 'late' | 'collected' | 'unheard';
  /** Which plain operator it is, counted from 1: behind the stream, or behind the last operator of ours. */
  readonly place: number;
  /**
   * Whether it emitted what it was given, with others in an array or as a text or a number: then it collects or delays, and works
   * on nothing. An object alone may be what work has given back.
   */
  readonly passesOn: boolean;
  /** Whether no other plain operator is behind it. */
  readonly isLast: boolean;
  /** Whether an operator of ours that works stands before it. */
  readonly afterWork: boolean;
  /** Whether nothing but operators works on what it emits: the last subscriber has no `next`. */
  readonly bare: boolean;
  /** Where its `pipe()` was called, where that is known. */
  readonly builtAt: string | undefined;
  /** The delivery of the first event that it kept. */
  readonly first: unknown;
}

/** The live subscriptions of one stream. */
export interface LiveStreams {
  readonly live: Set<PipelineListener>;
  /** Whether somebody who works has subscribed to what is not connected to the stream yet, as `publish()` allows. */
  expected: boolean;
}

/**
 * One `subscribe()` of a pipeline: who was subscribed inside it, and whether any of them works. Operators and last
 * subscribers open one around the subscription of their source, so that a stream subscribed inside can see who is behind it.
 */
export interface Frame {
  readonly parent: Frame | undefined;
  /** Who subscribed. */
  readonly subscriber: { readonly closed: boolean };
  /** Whether that is the user's own `subscribe()`, and no operator. */
  readonly isLast: boolean;
  /** What was subscribed to, by the place that it has for all its subscriptions; `undefined` for a stream itself. */
  readonly of: object | undefined;
  /** Whether somebody who works has subscribed in it. */
  announced: boolean;
  /** The live subscriptions of streams in it. */
  readonly streams: Set<PipelineListener>;
}

/** The frame that is open at this moment, if any. */
interface FrameRegistry {
  current(): Frame | undefined;
  enter(frame: Frame | undefined): void;
}

/** One variable for the whole process, as the delivery scope is. */
const KEY = Symbol.for('@rxforce/core/subscribing/2');

function createRegistry(): FrameRegistry {
  let current: Frame | undefined;
  return {
    current: () => current,
    enter: (frame) => {
      current = frame;
    },
  };
}

const holder = globalThis as { [KEY]?: FrameRegistry | undefined };
const registry: FrameRegistry = (holder[KEY] ??= createRegistry());

/** The frame that is open at this moment, if any. */
export function currentFrame(): Frame | undefined {
  return registry.current();
}

/** What a frame is made of; `parent` is the one that is open, where nothing else is given. */
type NewFrame = Pick<Frame, 'subscriber'> & Partial<Pick<Frame, 'parent' | 'of' | 'isLast'>>;

/** Makes a frame. */
export function newFrame({ subscriber, parent = registry.current(), of, isLast = false }: NewFrame): Frame {
  return { parent, subscriber, of, isLast, announced: false, streams: new Set() };
}

/** Does something in a frame, also one that was opened before. */
export function inFrame(frame: Frame | undefined, work: () => void): void {
  const before = registry.current();
  registry.enter(frame ?? before);
  try {
    work();
  } finally {
    registry.enter(before);
  }
}

/** Somebody who works subscribes: the streams that were subscribed in the frame, or around it, or will be, know it. */
export function announce(frame: Frame): void {
  for (let each: Frame | undefined = frame; each; each = each.parent) {
    each.announced = true;
    each.streams.forEach((stream) => stream.announced());
  }
}

/**
 * A stream is subscribed to.
 *
 * @returns Whether somebody who works has announced himself, and what to call at the end of the subscription.
 */
export function registerStream(stream: PipelineListener): { readonly announced: boolean; readonly end: () => void } {
  const frames: Frame[] = [];
  for (let frame = registry.current(); frame; frame = frame.parent) frames.push(frame);
  frames.forEach(({ streams }) => streams.add(stream));
  return {
    announced: frames.some(({ announced }) => announced),
    end: () => frames.forEach(({ streams }) => streams.delete(stream)),
  };
}

/** The live streams of the nearest frame that has any. */
export function streamsOf(frame: Frame | undefined): ReadonlySet<PipelineListener> {
  for (let each = frame; each; each = each.parent) if (each.streams.size > 0) return each.streams;
  return NO_STREAMS;
}

const NO_STREAMS: ReadonlySet<PipelineListener> = new Set();
