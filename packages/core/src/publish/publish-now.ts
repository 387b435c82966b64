import { lastValueFrom, type Observable } from 'rxjs';
import { ConfigurationError } from '../model/errors.js';
import type { Published } from './publish-input.js';
import type { PublishResult } from './publish-result.js';

/**
 * Publishes one event, and resolves to its position. Rejects with the reason why the event is not published, or perhaps
 * not.
 *
 * @param publish - Publishes the event, and emits one result.
 */
export async function publishNow(event: unknown, publish: () => Observable<PublishResult>): Promise<Published> {
  if (Array.isArray(event)) {
    throw new ConfigurationError(
      'publishNow() publishes one event, and was given an array. For many, each with its result: ' +
        'await lastValueFrom(client.publish(topic, events).pipe(toArray())).',
    );
  }
  const result = await lastValueFrom(publish());
  if (result.err) throw result.val;
  return result.val;
}

/**
 * Makes `await` reject. Awaited results would never be subscribed to, so nothing would be published, without any
 * report.
 */
export function notAwaitable(results: Observable<PublishResult>): Observable<PublishResult> {
  const then = (_resolve: unknown, reject?: (error: unknown) => void) =>
    reject?.(
      new ConfigurationError(
        'client.publish() gives an Observable, which publishes once it is subscribed to, and was awaited: nothing was published. ' +
          'Await client.publishNow(topic, event), or firstValueFrom(client.publish(topic, event)) for the result as a value.',
      ),
    );
  return Object.defineProperty(results, 'then', { value: then });
}
