import type { Hold } from '@rxforce/core/delivery';

/**
 * Gives up those of the values that another replica has by now, before they are emitted together: it works on them, and
 * may be ahead.
 *
 * @param holds - The claim on each value; none where the source has no deliveries.
 */
export function dropLost<T>(values: T[], holds: Hold[]): void {
  const lost = holds.map((held) => held.isLost());
  if (!lost.includes(true)) return;
  const kept = values.filter((_, index) => lost[index] !== true);
  const keptHolds = holds.filter((_, index) => lost[index] !== true);
  holds.forEach((held, index) => lost[index] === true && held.abandon());
  values.splice(0, values.length, ...kept);
  holds.splice(0, holds.length, ...keptHolds);
}
