/** One record in the form that events have. */
export interface Row<T> {
  /** 18 characters. */
  readonly recordId: string;
  /** Its `SystemModstamp`, in epoch milliseconds: whole seconds. */
  readonly modifiedAt: number;
  /** The fields that were asked for, as the `data` of an event has them: `null` where they are empty. */
  readonly record: Partial<T>;
}
