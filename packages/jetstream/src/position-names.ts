import type { PositionKey } from '@rxforce/core';
import { textOf, token } from './names.js';

/**
 * The key of a subscription in a bucket: three tokens, or four.
 *
 * @param leaseName - Distinguishes the leases of one subscription, where it has several.
 */
export function positionKey({ organizationId, topic, name }: PositionKey, leaseName?: string): string {
  const parts = [organizationId, topic, name, ...(leaseName === undefined ? [] : [leaseName])];
  return parts.map(token).join('.');
}

/** What the keys of subscriptions with these parts are like. */
export function positionPattern({ organizationId, topic, name }: Partial<PositionKey>): string {
  return [organizationId, topic, name].map((part) => (part === undefined ? '*' : token(part))).join('.');
}

/** The subscription of a key in a bucket. */
export function keyInPlace(place: string): PositionKey {
  const [organizationId = '', topic = '', name = ''] = place.split('.').map(textOf);
  return { organizationId, topic, name };
}
