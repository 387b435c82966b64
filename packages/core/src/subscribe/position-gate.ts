import type { Watermark } from '../flow/watermark.js';
import type { ReplayId } from '../model/replay-id.js';
import type { CommitGate } from './commit-gate.js';

/** What a position may move past. */
export type PositionGate = Pick<CommitGate, 'limit' | 'holdsDemand' | 'isShut'>;

/** Lets a position move past everything that is settled. */
export const OPEN_GATE: PositionGate = { limit: undefined, holdsDemand: false, isShut: false };

/** Up to where everything is settled, and the gate lets it pass. */
export function gated(
  watermark: Watermark,
  { limit }: PositionGate,
): { readonly position: ReplayId | undefined; readonly settled: number } {
  const { position, settled } = watermark;
  return limit === undefined || settled <= limit.index
    ? { position, settled }
    : { position: limit.before, settled: limit.index };
}
