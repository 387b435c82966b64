import type { SubscriptionNames, SubscriptionRecord } from './subscription-record.js';

interface Failed {
  /** What all subscriptions of one Observable have in common. */
  readonly stream: object;
  readonly record: SubscriptionRecord;
}

/**
 * The subscriptions of a client that ended with an error, until others take their places. A new subscription takes the
 * place of one with the same topic and position: of the last one that failed of the same Observable, or else of any.
 * So there are never more of them than subscriptions that were open at the same time.
 */
export class FailedSubscriptions {
  private readonly places = new Map<string, Failed[]>();

  /** A subscription ended with an error. */
  add(names: SubscriptionNames, stream: object, record: SubscriptionRecord): void {
    const place = placeOf(names);
    const failed = this.places.get(place);
    if (failed) failed.push({ stream, record });
    else this.places.set(place, [{ stream, record }]);
  }

  /** A new subscription takes the place of one that failed, if there is any. */
  replace(names: SubscriptionNames, stream: object): void {
    const place = placeOf(names);
    const failed = this.places.get(place);
    if (!failed) return;
    const sameStream = failed.findLastIndex((each) => each.stream === stream);
    const [replaced] = failed.splice(sameStream, 1);
    if (failed.length === 0) this.places.delete(place);
    replaced?.record.replaced();
  }

  /** All of them. */
  records(): SubscriptionRecord[] {
    return [...this.places.values()].flatMap((failed) => failed.map(({ record }) => record));
  }
}

function placeOf({ topic, name }: SubscriptionNames): string {
  return JSON.stringify([topic, name]);
}
