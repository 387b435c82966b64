import type { PayloadAlteration } from '../bus/bus.js';
import type { Topic } from '../bus/topic.js';
import { Planned } from '../grpc/planned.js';

/** Payloads that are to be spoilt: those of the next events. */
export class Corruptions {
  private readonly coming = new Planned<Topic | undefined, true>();

  /** Spoils so many payloads more, of events on a topic or on any. */
  plan(times: number, topic?: Topic): void {
    this.coming.plan(true, topic, times);
  }

  /** What becomes of the payload of the next event, which goes to these topics; `undefined` is nothing. */
  next(topics: readonly Topic[]): PayloadAlteration | undefined {
    const planned = this.coming.take((topic) => topic === undefined || topics.includes(topic));
    return planned === undefined ? undefined : spoil;
  }
}

/** Half of a payload: a reader comes to its end before the last field. */
function spoil(payload: Uint8Array): Uint8Array {
  return payload.subarray(0, payload.length >>> 1);
}
