import { firstValueFrom, lastValueFrom, take, toArray } from 'rxjs';
import type { ChangeEvent, OrgRequest, PubSubClient } from '@rxforce/core';
import type { Emulator } from '@rxforce/emulator';
import { openRows, type RecordsClient, type RowPage, type RowSource } from '../../src/reading/page-source.js';
import { resolveRecordsOptions, type RecordsOptions } from '../../src/records-options.js';

export type Data = Record<string, unknown>;

/** The `data` of the CREATE events of an object so far, by record ids. */
export async function createdData(
  emulator: Emulator,
  client: PubSubClient,
  entity: string,
): Promise<ReadonlyMap<string, Data>> {
  const { topic } = await firstValueFrom(client.topic(entity));
  const events$ = client.changes(entity, { replay: 'earliest' }).pipe(take(emulator.log(topic).length), toArray());
  const events: ChangeEvent[] = await lastValueFrom(events$);
  return new Map(
    events
      .filter(({ header }) => header.changeType === 'CREATE')
      .flatMap(({ header, data }) => header.recordIds.map((id): [string, Data] => [id, data])),
  );
}

/** A call as a test sees it. */
export interface SeenCall {
  readonly method: string;
  /** Without the version, and with its query as it was written. */
  readonly path: string;
}

/** A client that notes its calls, and lets a test answer in place of the org. */
export interface WatchedClient extends RecordsClient {
  readonly calls: SeenCall[];
  /** The paths of the calls whose path includes a text. */
  pathsWith(text: string): string[];
}

/**
 * @param instead - Called before each call: what it returns is the answer, unless it is undefined; what it throws is
 * the call's error.
 */
export function watched(client: PubSubClient, instead: (call: SeenCall) => unknown = () => undefined): WatchedClient {
  const calls: SeenCall[] = [];
  const fetch = async (path: string, request: OrgRequest = {}): Promise<Response> => {
    const text = decodeURIComponent(path.replaceAll('+', ' ')).replace(/^\/services\/data\/v[\d.]+/, '');
    const call = { method: request.method ?? 'GET', path: text };
    calls.push(call);
    const answer = await instead(call);
    return answer === undefined ? client.fetch(path, request) : (answer as Response);
  };
  const { changes, topic, schema } = client;
  const pathsWith = (text: string) => calls.map(({ path }) => path).filter((path) => path.includes(text));
  return { changes, topic, schema, fetch, calls, pathsWith };
}

/** What is read of an object with options. */
export function rowsOf(
  client: RecordsClient,
  entity: string,
  options: RecordsOptions<Data> = {},
): Promise<RowSource<Data>> {
  return firstValueFrom(openRows(client, entity, resolveRecordsOptions(options)));
}

/** All pages of a source, each by the cursor of the one before. */
export async function pagesOf(source: RowSource<Data>, cursor?: string): Promise<RowPage<Data>[]> {
  const pages: RowPage<Data>[] = [];
  for (let next = cursor; ;) {
    const page = await firstValueFrom(source.page(next));
    pages.push(page);
    if (page.isLast) return pages;
    next = page.cursor;
  }
}

/** The ids of the records of pages, in order. */
export function idsIn(pages: readonly RowPage<Data>[]): string[] {
  return pages.flatMap(({ rows }) => rows.map(({ recordId }) => recordId));
}
