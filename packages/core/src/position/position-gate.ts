import type { OpenPosition, Watermark } from '../delivery/watermark.js';
import type { ReplayId } from '../model/replay-id.js';

/** Where an event is in the stream. */
export type EventPlace = Pick<OpenPosition, 'index' | 'before' | 'replayId'>;

/** Decides which events a position may move past. */
export interface PositionGate {
  /** The event that a position stands before while the gate is closed, if any. */
  readonly limit: EventPlace | undefined;
  /** Whether the stream waits for the gate. */
  readonly holdsDemand: boolean;
  /** Whether nothing passes any more. */
  readonly isShut: boolean;
}

/** Lets a position move past everything that is settled. */
export const OPEN_GATE: PositionGate = { limit: undefined, holdsDemand: false, isShut: false };

/** The position up to which everything is settled and the gate lets it pass. */
export function gated(
  watermark: Watermark,
  { limit }: PositionGate,
): { readonly position: ReplayId | undefined; readonly settled: number } {
  const { position, settled } = watermark;
  return limit === undefined || settled <= limit.index
    ? { position, settled }
    : { position: limit.before, settled: limit.index };
}
