import type { PositionKey } from '@rxforce/core';
import { escaped, hashTag } from './redis-keys.js';

/** The keys of one subscription, all in one slot. */
export interface PositionKeys {
  /** The hash tag of all these keys. */
  readonly tag: string;
  readonly position: string;
  readonly lock: string;
  readonly history: string;
  /** The key of the lease: the active replica. */
  readonly lease: string;
  /** The key of the last holder's fencing token. */
  readonly token: string;
}

/** @param leaseName - Distinguishes the leases of one subscription, where it has several. */
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
