import { SettledEarlyError } from '../model/errors.js';
import type { ReplayId } from '../model/replay-id.js';

/** What a subscription errors with, or warns of, when an operator got an event that was settled before. */
export function settledEarlyError(topic: string, replayId: ReplayId): SettledEarlyError {
  return new SettledEarlyError(
    `An operator received the event of ${topic} at replay id ${replayId.toString()} after it had counted as done, so a ` +
      'crash now would lose it. An operator upstream kept the event without a hold (delay, concatMap with a promise, ' +
      'bufferCount, observeOn, …). Use handle() for asynchronous work, or put the holding operator first.',
    { topic, replayId: replayId.toString() },
  );
}
