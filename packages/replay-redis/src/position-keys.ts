import type { PositionKey } from '@rxforce/core';
import { escaped, hashTag } from './redis-keys.js';

/** The keys of one subscription, all in one slot. */
export interface PositionKeys {
  /** What they have in common. */
  readonly tag: string;
  readonly position: string;
  readonly lock: string;
  readonly history: string;
  /** Who is active. */
  readonly lease: string;
  /** The fencing token of the last who was. */
  readonly token: string;
}

/** @param leaseName - Tells the leases of one subscription apart, where it has several. */
export function positionKeys(prefix: string, key: PositionKey, leaseName?: string): PositionKeys {
  const tag = hashTag(prefix, [key.organizationId, key.topic, key.name]);
  const suffix = leaseName === undefined ? '' : `:${escaped(leaseName)}`;
  return {
    tag,
    position: tag,
    lock: `${tag}:lock`,
    history: `${tag}:history`,
    lease: `${tag}:lease${suffix}`,
    token: `${tag}:token${suffix}`,
  };
}
