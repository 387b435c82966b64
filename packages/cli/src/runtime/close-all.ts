/** What can be closed. */
interface Closeable {
  close?(): unknown;
}

/**
 * Closes one after the other, also where one of them fails: what stays open keeps the process alive.
 *
 * @throws rejects with the first error, after all are closed.
 */
export async function closeAll(all: Iterable<Closeable | undefined>): Promise<void> {
  const errors: unknown[] = [];
  for (const each of all) {
    try {
      await each?.close?.();
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length > 0) throw errors[0];
}
