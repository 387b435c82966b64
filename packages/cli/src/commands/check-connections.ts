export async function checkConnections(..._a: unknown[]): Promise<number> {
  return 0;
}
