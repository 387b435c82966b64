import { lastValueFrom, type Observable } from 'rxjs';
import { ConfigurationError } from '../model/errors.js';
import type { Published } from './publish-input.js';
import type { PublishResult } from './publish-result.js';

/**
 * Publishes one event, and resolves to where it is; or rejects with why it is not, or perhaps not, published.
 *
 * @param publish - Publishes it: one result.
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
 * Has `await` reject. Results that are awaited are never subscribed to, so that nothing would be published, and nobody would hear
 * of it.
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
