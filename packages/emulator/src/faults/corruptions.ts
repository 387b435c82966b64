import type { Topic } from '../bus/topic.js';

/** Payloads that are to be spoilt: those of the next events. */
export class Corruptions {
  readonly #coming: { readonly topic: Topic | undefined; times: number }[] = [];

  /** Spoils so many payloads more, of events on a topic or on any. */
  plan(times: number, topic?: Topic): void {
    this.#coming.push({ topic, times });
  }

  /** The payload as it is to be stored. */
  apply(payload: Uint8Array, topics: readonly Topic[]): Uint8Array {
    const index = this.#coming.findIndex(({ topic }) => topic === undefined || topics.includes(topic));
    const corruption = this.#coming[index];
    if (corruption === undefined) {
      return payload;
    }
    if (--corruption.times === 0) {
      this.#coming.splice(index, 1);
    }
    return spoil(payload);
  }
}

/** Half of a payload: whoever reads it comes to its end before the last field. */
function spoil(payload: Uint8Array): Uint8Array {
  return payload.subarray(0, payload.length >>> 1);
}
