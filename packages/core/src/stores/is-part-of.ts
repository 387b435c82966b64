import type { PositionKey } from '../ports/replay-store.js';

/** Whether a key has all the parts that are asked for. */
export function isPartOf(of: Partial<PositionKey>, key: PositionKey): boolean {
  const { organizationId = key.organizationId, topic = key.topic, name = key.name } = of;
  return organizationId === key.organizationId && topic === key.topic && name === key.name;
}
