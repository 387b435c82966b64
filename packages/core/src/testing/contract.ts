/** One thing that every implementation of a port does. */
export interface ContractCase {
  /** What, and when. */
  readonly name: string;
  /**
   * Rejects when the implementation does not: with an `AssertionError`, or with what the implementation rejected with.
   */
  readonly run: () => Promise<void>;
}

/** What is to be seen, by its name, and the test that sees it. `P` is what a test works with. */
export type ContractTests<P> = Readonly<Record<string, (parts: P) => Promise<void>>>;

/**
 * Makes the cases of a contract. Each one opens what it works with, and disposes of it at its end, also when it failed.
 */
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
