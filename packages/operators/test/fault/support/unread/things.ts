/** An event by its number, or by its record's id, where a pipeline has passed on no more. */
export type Mark = number | string;

/** Which events a thing is made of: an event, its data, its name, its record's id, or an array of these. */
export function marksOf(thing: unknown): Mark[] {
  if (Array.isArray(thing)) return thing.flatMap(marksOf);
  if (typeof thing === 'number') return [thing];
  if (typeof thing === 'string') return [/^n\d+$/.test(thing) ? Number(thing.slice(1)) : thing];
  if (typeof thing !== 'object' || thing === null) return [];
  const { AnnualRevenue, data, items } = thing as Readonly<Record<string, unknown>>;
  if (typeof AnnualRevenue === 'number') return [AnnualRevenue];
  return data === undefined ? marksOf(items) : marksOf(data);
}
