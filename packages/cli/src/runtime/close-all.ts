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

/** What was opened, one after the other, to be closed together. */
export class Opened {
  private readonly all: Closeable[] = [];

  /** Keeps what was opened, and returns it. */
  add<P extends object>(part: P): P {
    this.all.push(part);
    return part;
  }

  /** Closes all of them, as `closeAll` does. */
  close(): Promise<void> {
    return closeAll(this.all);
  }
}
