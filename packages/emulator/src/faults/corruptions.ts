import type { PayloadAlteration } from '../bus/bus.js';
import type { Topic } from '../bus/topic.js';
import { Planned } from '../model/planned.js';

/** The planned corruption of the payloads of the next events. */
export class Corruptions {
  private readonly coming = new Planned<Topic | undefined, true>();

  /** Plans to corrupt the next payloads, of events on one topic or on any. */
  plan(times: number, topic?: Topic): void {
    this.coming.plan(true, topic, times);
  }

  /** The alteration of the payload of the next event, which goes to these topics; `undefined` for none. */
  next(topics: readonly Topic[]): PayloadAlteration | undefined {
    const planned = this.coming.take((topic) => topic === undefined || topics.includes(topic));
    return planned === undefined ? undefined : spoil;
  }
}

/** Half of a payload: a reader reaches its end before the last field. */
function spoil(payload: Uint8Array): Uint8Array {
  return payload.subarray(0, payload.length >>> 1);
}
