export async function sqlSink(...a: unknown[]): Promise<never> {
  throw new Error(String(a));
}
