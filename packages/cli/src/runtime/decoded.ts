/** A part of a URL without its codes. A password with a `%` that begins none is what it is. */
export function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
