/** What is read of an object. */
export interface Selection {
  /** API name of the object. */
  readonly entity: string;
  readonly columns: readonly string[];
  /** A condition of SOQL. */
  readonly where: string | undefined;
}

/** Longest path of a call, in characters. The org refuses more than 16,384 bytes, with the headers and the host. */
const MAX_PATH = 14_000;

/**
 * The query of some records in the order of their ids. It begins after a record and not at a place, so that it can be
 * asked at any time, and records that come and go move nothing.
 *
 * @param after - The last id of the page before. Without one there is no condition, as no id is known to be the least.
 */
export function pageQuery({ entity, columns, where }: Selection, after: string | undefined, limit: number): string {
  const conditions = [where === undefined ? [] : `(${where})`, after === undefined ? [] : `Id > '${after}'`].flat();
  const filter = conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`;
  return `SELECT ${columns.join(',')} FROM ${entity}${filter} ORDER BY Id LIMIT ${limit}`;
}

/** The query of all records, for a job: an order would keep the org from dividing it up. */
export function jobQuery({ entity, columns, where }: Selection): string {
  return `SELECT ${columns.join(',')} FROM ${entity}${filterOf(where)}`;
}

/** The query of the number of records. */
export function countQuery({ entity, where }: Omit<Selection, 'columns'>): string {
  return `SELECT COUNT() FROM ${entity}${filterOf(where)}`;
}

function filterOf(where: string | undefined): string {
  return where === undefined ? '' : ` WHERE ${where}`;
}

/** The path of a query's call. */
export function queryPath(query: string): string {
  // Commas may stay as they are, and make up much of a long list.
  return `/query?q=${encodeURIComponent(query).replaceAll('%2C', ',').replaceAll('%20', '+')}`;
}

/** Whether a path is too long for a call. */
export function isTooLong(path: string): boolean {
  return path.length > MAX_PATH;
}

/** Whether no call can have the query of a page. */
export function isTooWide(selection: Selection): boolean {
  return isTooLong(queryPath(pageQuery(selection, 'x'.repeat(18), 2_000)));
}

/** Whether a text is a record's id: 15 or 18 letters and digits. */
export function isRecordId(id: unknown): id is string {
  return typeof id === 'string' && /^[a-zA-Z0-9]{15}(?:[a-zA-Z0-9]{3})?$/.test(id);
}
