/** What `hashTag` makes of `KEY`. */
export const TAG = '{rxforce:00D000000000001:/data/AccountChangeEvent:crm-sync}';

/** Whether a call resolves. */
export function succeeds(call: Promise<unknown>): Promise<boolean> {
  return call.then(
    () => true,
    () => false,
  );
}
