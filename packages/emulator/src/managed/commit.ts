import type { WireCommitRequest } from '@rxforce/core/internal';
import type { Bus } from '../bus/bus.js';
import type { CommitAnswer } from '../wire/commit-response.js';
import type { ManagedState } from './managed-state.js';

/** The contract's code of a commit that failed. */
const COMMIT_ERROR = 2;

/** Makes a position durable, unless it is not a position, or `failure` gives a reason not to. */
export function commit(
  bus: Bus,
  state: ManagedState,
  { commitRequestId, replayId }: WireCommitRequest,
  at: number,
  failure?: string,
): CommitAnswer {
  const problem = failure ?? problemOf(bus, state, replayId);
  if (problem === undefined) state.commit(commitRequestId, replayId, at);
  const error = problem === undefined ? null : { code: COMMIT_ERROR, msg: problem };
  return { commitRequestId, replayId, error, processTime: at };
}

function problemOf(bus: Bus, state: ManagedState, replayId: Uint8Array): string | undefined {
  const topic = bus.topic(state.record.topicName);
  if (replayId.length === 0) return 'The commit has no Replay ID.';
  const position = topic === undefined ? undefined : bus.locate(topic, replayId);
  if (topic === undefined || position === undefined) {
    return 'The Replay ID of the commit is not valid, or is outside of the retention window.';
  }
  // Events that share a replay id have positions between two whole numbers; the id is valid from the first of them on.
  if (position > Math.ceil(state.delivered)) {
    return 'The Replay ID of the commit is that of an event that was not delivered yet.';
  }
  const committed = state.position === undefined ? undefined : bus.locate(topic, state.position);
  return position < (committed ?? 0) ? 'The Replay ID of the commit is older than the committed one.' : undefined;
}
