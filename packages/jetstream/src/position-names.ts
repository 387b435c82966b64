import type { PositionKey } from '@rxforce/core';
import { token } from './names.js';

/**
 * The key of a subscription in a bucket: three tokens, or four.
 *
 * @param leaseName - Distinguishes the leases of one subscription, where it has several.
 */
export function positionKey({ organizationId, topic, name }: PositionKey, leaseName?: string): string {
  const parts = [organizationId, topic, name, ...(leaseName === undefined ? [] : [leaseName])];
  return parts.map(token).join('.');
}
