/** An unchecked JSON object from a request. */
export type JsonBody = Readonly<Record<string, unknown>>;

/** The object that a body holds, an empty one where there is no body; `undefined` when it holds something else. */
export function jsonBodyOf(body: string): JsonBody | undefined {
  if (body.trim() === '') return {};
  try {
    const parsed: unknown = JSON.parse(body);
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed) ? (parsed as JsonBody) : undefined;
  } catch {
    return undefined;
  }
}
