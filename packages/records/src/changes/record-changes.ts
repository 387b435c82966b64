import { Subject, type Subscriber } from 'rxjs';
import type { ChangeEvent, EventStream, SubscribeOptions, SubscribeOptionsOf, SubscriptionStatus } from '@rxforce/core';
import { operate } from '@rxforce/core/delivery';
import { RecordSubscription, type RecordChangesParts } from './record-subscription.js';

/**
 * The records as they are, and then every change since, as a cold Observable. The stream of changes is opened first,
 * and its position is made durable. Then the records are read, and events wait, held. So nothing is missed in between.
 *
 * @throws `ConfigurationError` when an option of the client's `changes()` cannot be right.
 */
export function recordChanges<T>(parts: RecordChangesParts<T>): EventStream<ChangeEvent<T>> {
  const { client, options } = parts;
  const statuses = new Subject<SubscriptionStatus>();
  const open = (changed: SubscribeOptions = {}) =>
    client.changes<T>(options.topic, { ...options.subscribe, ...changed } as SubscribeOptionsOf<T>);
  const changes$ = operate(
    open(),
    'keeps',
    (subscriber: Subscriber<ChangeEvent<T>>) => ({ next: (event: ChangeEvent<T>) => subscriber.next(event) }),
    (target: Subscriber<ChangeEvent<T>>) => new RecordSubscription({ ...parts, open, statuses }, target).begin(),
  );
  return Object.assign(changes$ as EventStream<ChangeEvent<T>>, { status$: statuses.asObservable() });
}
