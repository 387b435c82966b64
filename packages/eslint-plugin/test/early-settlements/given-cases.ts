import type { noEarlySettlement } from '../../src/rules/no-early-settlement.js';

type MessageId = keyof (typeof noEarlySettlement)['meta']['messages'];

/** A pipeline that loses nothing. */
export const named = (name: string, code: string) => ({ name, code });

/** What the rule reports. */
export const told = (messageId: MessageId, operator?: string) => ({
  messageId,
  ...(operator !== undefined && { data: { operator } }),
});

/** Something that has no fix. */
export function unfixed(name: string, code: string, ...errors: ReturnType<typeof told>[]) {
  return { name, code, errors, output: null };
}
