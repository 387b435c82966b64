/** Several values in one: a batch, or what `byTransaction` makes. */
interface TransactionLike {
  readonly transactionKey: string;
  readonly events: readonly unknown[];
}

/** What a batch or a transaction is made of; of any other value, the value itself. */
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

/** The members of a batch or a transaction, or the value itself: a list of its own, whatever becomes of the batch. */
export function itemsOf<T>(value: T): readonly ItemOf<T>[] {
  return [...(membersOf(value) ?? [value])] as readonly ItemOf<T>[];
}
