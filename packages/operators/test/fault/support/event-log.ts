import { parseSchema } from '@rxforce/core/codec';
import { ReplayId, type ChangeEvent, type ChangeType } from '@rxforce/core/model';
import { changeSchema, THING_TIME } from '../../../../core/test/support/fake-service.js';
import type { WireConsumerEvent } from '../../../../core/src/ports/wire.js';

/** What pipelines are given. */
export type Thing = ChangeEvent<{ Name: string; Kind: string }>;

/** What a test decides about an event. */
export interface EventTraits {
  /** Which change type, by its place in {@link TYPES}. */
  readonly type: number;
  /** Which record, and kind, by its place in {@link KINDS}. */
  readonly kind: number;
  /** Which schema it was written with. */
  readonly schema: number;
  /** Seconds between it and the event before. */
  readonly secondsLater: number;
  /** Whether it has the replay id of the event before. */
  readonly sharesPosition: boolean;
  /** Whether it cannot be decoded. */
  readonly broken: boolean;
}

export const TYPES = ['CREATE', 'UPDATE', 'DELETE'] as const satisfies readonly ChangeType[];
export const KINDS = ['a', 'b', 'c'] as const;
export const SCHEMAS = [changeSchema('Kind'), changeSchema('Kind', 'More')] as const;

const writers = SCHEMAS.map(({ json }) => parseSchema(json));
const payloads = new Map<string, Buffer>();

/** All events of a topic, in their order, of which some are published later. */
export class EventLog {
  readonly length: number;
  readonly times: readonly number[];
  /** How many events there are by now. */
  published = 0;
  /** The index of the first event with the replay id of the event at each index. */
  private readonly firsts: readonly number[];
  /** What comes after a replay id: the oracle asks at each step. */
  private readonly indices = new WeakMap<ReplayId, number>();

  constructor(readonly traits: readonly EventTraits[]) {
    this.length = traits.length;
    let time = THING_TIME;
    this.times = traits.map(({ secondsLater }) => (time += secondsLater * 1000));
    let first = 0;
    this.firsts = traits.map(({ sharesPosition }, index) => (first = sharesPosition ? first : index));
  }

  /** Publishes so many more, as far as there are, and those that share the last one's replay id. */
  publish(count: number): void {
    const end = Math.min(this.published + count, this.length);
    this.published = end === 0 ? 0 : this.endOfGroup(end - 1);
  }

  /** The event at an index, as the service sends it. */
  wire(index: number): WireConsumerEvent {
    const { schema } = this.trait(index);
    const id = String(index);
    return {
      event: { id, schemaId: SCHEMAS[schema]!.id, payload: this.payload(index) },
      replayId: Buffer.from(`p${this.firsts[index]!}`),
    };
  }

  trait(index: number): EventTraits {
    return this.traits[index]!;
  }

  /** The index behind the last event that has its replay id. */
  endOfGroup(index: number): number {
    let end = index + 1;
    while (end < this.length && this.firsts[end] === this.firsts[index]) end++;
    return end;
  }

  /** A replay id that is no event's: what a keepalive tells. */
  holeBefore(index: number): Buffer {
    return Buffer.from(`h${index}`);
  }

  /** The replay id after which the event at an index comes. */
  positionBefore(index: number): ReplayId {
    return ReplayId.fromBytes(index === 0 ? this.holeBefore(0) : Buffer.from(`p${this.firsts[index - 1]!}`));
  }

  /** The index of the first event behind a position. */
  indexAfter(position: ReplayId | Date): number {
    if (position instanceof Date) return this.firstAt(position.getTime());
    const known = this.indices.get(position);
    if (known !== undefined) return known;
    const index = this.indexAfterId(position);
    this.indices.set(position, index);
    return index;
  }

  private indexAfterId(position: ReplayId): number {
    const text = Buffer.from(position.toBytes()).toString();
    const number = Number(text.slice(1));
    return text.startsWith('h') ? number : this.endOfGroup(number);
  }

  private firstAt(time: number): number {
    const index = this.times.findIndex((own) => own >= time);
    return index === -1 ? this.length : index;
  }

  private payload(index: number): Buffer {
    const { type, kind, schema, broken } = this.trait(index);
    const time = this.times[index]!;
    const key = [index, type, kind, schema, time].join();
    const payload = payloads.get(key) ?? writePayload(index, TYPES[type]!, KINDS[kind]!, schema, time);
    payloads.set(key, payload);
    return broken ? payload.subarray(0, payload.length - 2) : payload;
  }
}

/** Where an event is in the log. */
export function indexOf(event: { readonly data: { readonly Name?: string } }): number {
  return Number(event.data.Name);
}

function writePayload(index: number, changeType: string, kind: string, schema: number, time: number): Buffer {
  const header = {
    entityName: 'Thing',
    recordIds: [kind],
    changeType,
    changeOrigin: '',
    transactionKey: String(index),
    sequenceNumber: 1,
    commitTimestamp: time,
    commitNumber: BigInt(index),
    commitUser: '005',
    nulledFields: [],
    diffFields: [],
    changedFields: [],
  };
  return writers[schema]!.toBuffer({ ChangeEventHeader: header, Name: String(index), Kind: kind, More: 'more' });
}
