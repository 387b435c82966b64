/** One rule that every implementation of a port keeps. */
export interface ContractCase {
  /** The outcome, and its condition. */
  readonly name: string;
  /**
   * Rejects when the implementation breaks the rule: with an `AssertionError`, or with the error that the
   * implementation rejected with.
   */
  readonly run: () => Promise<void>;
}

/** The tests of a contract, by the name of what each checks. `P` is the type of a test's parts. */
export type ContractTests<P> = Readonly<Record<string, (parts: P) => Promise<void>>>;

/** Makes the cases of a contract. Each case opens its parts, and disposes of them at its end, also when it failed. */
export function contractCases<P>(
  tests: ContractTests<P>,
  open: () => Promise<P>,
  dispose: (() => Promise<void> | void) | undefined,
): readonly ContractCase[] {
  return Object.entries(tests).map(([name, test]) => ({
    name,
    run: async () => {
      try {
        await test(await open());
      } finally {
        await dispose?.();
      }
    },
  }));
}
