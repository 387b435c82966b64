/** What a promise rejects with. Rejects itself when that resolves. */
export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  const resolved = await promise.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  if ('error' in resolved) return resolved.error;
  throw new Error(`It resolved with ${String(resolved.value)}, and did not reject.`);
}
