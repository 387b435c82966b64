/** What the client's process has at one moment. */
export interface Sample {
  /** Time since the start, in minutes. */
  readonly minute: number;
  /** The JavaScript heap after a full garbage collection, in MB. */
  readonly heapMb: number;
  /** Buffers and other memory outside of the heap, in MB. */
  readonly externalMb: number;
  /** Of the whole process, in MB. */
  readonly rssMb: number;
  /** Events that were handled so far. */
  readonly events: number;
  /** Streams that broke so far, and were opened again. */
  readonly reconnects: number;
  /** Schemas that were fetched so far. */
  readonly schemas: number;
}

/** Where the heap goes to. */
export interface Trend {
  /** The first minute that counts: before, caches fill and code is compiled. */
  readonly from: number;
  /** How many samples count. */
  readonly samples: number;
  /** By how much the heap changes, in MB a minute. */
  readonly mbPerMinute: number;
  readonly verdict: 'flat' | 'grows' | 'too short to tell';
}

/** What counts as no growth, in MB a minute: 6 MB an hour, which is less than the heap moves up and down. */
export const FLAT_MB_PER_MINUTE = 0.1;
/** Caches are full after this many minutes, or the first half of a shorter run. */
const WARM_UP_MINUTES = 12;
/** Fewer do not make a trend. */
const LEAST_SAMPLES = 5;

/**
 * The trend of the heap. Its slope is the median of the slopes between all pairs of samples (Theil–Sen), so that a
 * single sample in the middle of a burst does not decide.
 */
export function trendOf(samples: readonly Sample[]): Trend {
  const last = samples.at(-1)?.minute ?? 0;
  const from = Math.min(WARM_UP_MINUTES, last / 2);
  const counted = samples.filter(({ minute }) => minute >= from);
  const mbPerMinute = medianSlope(counted);
  const verdict =
    counted.length < LEAST_SAMPLES ? 'too short to tell' : mbPerMinute > FLAT_MB_PER_MINUTE ? 'grows' : 'flat';
  return { from, samples: counted.length, mbPerMinute, verdict };
}

function medianSlope(samples: readonly Sample[]): number {
  const slopes = samples.flatMap((one, index) =>
    samples.slice(index + 1).map((other) => (other.heapMb - one.heapMb) / (other.minute - one.minute)),
  );
  slopes.sort((one, other) => one - other);
  const middle = slopes.length / 2;
  const [low, high] = [slopes[Math.ceil(middle) - 1], slopes[Math.floor(middle)]];
  return low === undefined || high === undefined ? 0 : (low + high) / 2;
}

/** What is above the rows. */
export const HEADER = 'minute  heap MB  outside MB  rss MB    events  reconnects  schemas';

/** A sample as a row. */
export function rowOf({ minute, heapMb, externalMb, rssMb, events, reconnects, schemas }: Sample): string {
  return [
    minute.toFixed(1).padStart(6),
    heapMb.toFixed(2).padStart(7),
    externalMb.toFixed(2).padStart(10),
    rssMb.toFixed(0).padStart(6),
    String(events).padStart(8),
    String(reconnects).padStart(10),
    String(schemas).padStart(7),
  ].join('  ');
}

/** The trend in a sentence. */
export function sentenceOf({ from, samples, mbPerMinute, verdict }: Trend): string {
  const slope = `${mbPerMinute >= 0 ? '+' : ''}${mbPerMinute.toFixed(3)} MB a minute`;
  return `The heap ${verdict === 'grows' ? 'grows' : `is ${verdict}`}: ${slope} from minute ${from.toFixed(1)} on (${samples} samples; flat is up to ${FLAT_MB_PER_MINUTE}).`;
}
