import { reasonOf } from '../model/answer.js';
import { DeliveryFailedError } from '../model/errors.js';
import type { ReplayId } from '../model/replay-id.js';

/** What an error says of a delivery. */
interface Failed {
  readonly title: string;
  readonly replayId: ReplayId;
}

/** The work on an event was given up, and nothing will settle it. */
export function droppedWork({ title, replayId }: Failed): DeliveryFailedError {
  return new DeliveryFailedError(
    `The work on ${title} was dropped while its subscription went on, so the event ` +
      'would never be settled and the stream would stall. An operator that held it was unsubscribed: look for a ' +
      'switchMap, takeUntil, catchError or timeout around handle() or another holding operator, and move it outside; or ' +
      'for a consumer of a share() that left in the middle of its work, and give it a changes() of its own.',
    idOf(replayId),
  );
}

/** The work on an event failed. */
export function failedWork({ title, replayId }: Failed, cause: unknown): DeliveryFailedError {
  const reason = reasonOf(cause).replace(/\.$/, '');
  return new DeliveryFailedError(
    `The work on ${title} failed: ${reason}. It was not settled and comes again with the next subscription; handle its ` +
      'error, or put it aside, to go on without it.',
    { ...idOf(replayId), cause },
  );
}

/** The replay id, as a field of an error. Absent for what has none. */
export function idOf(replayId: ReplayId | undefined): { readonly replayId?: string } {
  const text = replayId?.toString() ?? '';
  return text === '' ? {} : { replayId: text };
}
