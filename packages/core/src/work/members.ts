/** A value with several members: a batch, or a transaction of `byTransaction`. */
interface TransactionLike {
  readonly transactionKey: string;
  readonly events: readonly unknown[];
}

/** The member type of a batch or a transaction. For any other value, its own type. */
export type ItemOf<T> = T extends readonly (infer E)[]
  ? E
  : T extends { readonly transactionKey: string; readonly events: readonly (infer E)[] }
    ? E
    : T;

/** The members of a batch or a transaction; `undefined` for any other value. */
export function membersOf(value: unknown): readonly unknown[] | undefined {
  if (Array.isArray(value)) return value as readonly unknown[];
  const { transactionKey, events } = Object(value) as Partial<TransactionLike>;
  return typeof transactionKey === 'string' && Array.isArray(events) ? events : undefined;
}

/** The members of a batch or a transaction, or the value itself. The list is a copy, independent of the batch. */
export function itemsOf<T>(value: T): readonly ItemOf<T>[] {
  const members = membersOf(value);
  return (members ? [...members] : [value]) as readonly ItemOf<T>[];
}
