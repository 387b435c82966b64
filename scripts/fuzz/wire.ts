import type { MethodDefinition } from '@grpc/grpc-js';
import { readFetchResponse, readManagedFetchResponse } from '../../packages/core/src/grpc/fetch-response.js';
import type { ManagedFetchResponse } from '../../packages/core/src/ports/wire.js';
import type { Seeded } from '../../packages/core/test/fault/support/seeded.js';
import { count, newTally, outcomeOf, plain, type Tally } from './finding.js';
import { mutate } from './mutate.js';
import { randomBytes, textOf } from './random-values.js';
import { methodOf } from './service.js';

/** A method's answers, written and read by proto-loader, which uses protobufjs. */
type Answers = Pick<MethodDefinition<unknown, object>, 'responseSerialize' | 'responseDeserialize'>;

interface Target {
  readonly theirs: Answers;
  readonly ours: (bytes: Buffer) => Partial<ManagedFetchResponse>;
  readonly isManaged: boolean;
}

const TARGETS: readonly Target[] = [
  { theirs: methodOf('Subscribe'), ours: readFetchResponse, isManaged: false },
  { theirs: methodOf('ManagedSubscribe'), ours: readManagedFetchResponse, isManaged: true },
];

/**
 * Holds our reader of answers that bring events against protobufjs, on random answers, of which most are then broken.
 */
export function fuzzWire(inputs: number, random: Seeded): Tally {
  const tally = newTally('FetchResponse');
  while (tally.inputs < inputs) {
    const target = random.pick(TARGETS);
    const { theirs, ours, isManaged } = target;
    const whole = theirs.responseSerialize(responseOf(random, isManaged));
    const isWhole = random.below(4) === 0;
    const input = isWhole ? whole : mutate(whole, random);
    count(
      tally,
      input,
      outcomeOf(() => plain(asTheirs(ours(input), isManaged))),
      outcomeOf(() => plain(withoutEmpty(theirs.responseDeserialize(input)))),
      isWhole,
    );
  }
  return tally;
}

function responseOf(random: Seeded, isManaged: boolean): object {
  const events = Array.from({ length: random.below(4) }, () => ({
    ...(random.below(10) > 0 && {
      event: {
        id: textOf(random),
        schemaId: random.below(2) === 0 ? 'W0GmtEiGrnzMLtCZT3TE3Q' : textOf(random),
        payload: randomBytes(random, 30),
        headers: Array.from({ length: random.below(3) === 0 ? 1 : 0 }, () => ({
          key: textOf(random),
          value: randomBytes(random, 5),
        })),
      },
    }),
    replayId: randomBytes(random, random.pick([0, 8, 10, 12])),
  }));
  const common = {
    ...{ events, latestReplayId: randomBytes(random, random.pick([0, 10])), rpcId: textOf(random) },
    pendingNumRequested: random.pick([0, 1, 100, 300, -1, 2 ** 31 - 1]),
  };
  return isManaged && random.below(2) === 0 ? { ...common, commitResponse: commitOf(random) } : common;
}

function commitOf(random: Seeded): object {
  return {
    commitRequestId: textOf(random),
    replayId: randomBytes(random, 10),
    ...(random.below(2) === 0 && { error: { code: random.below(3), msg: textOf(random) } }),
    processTime: random.pick(['0', '1', '1790000000000', '-1', '9223372036854775807']),
  };
}

/** Ours in the shape of proto-loader's. */
function asTheirs({ events = [], ...rest }: Partial<ManagedFetchResponse>, isManaged: boolean): object {
  const { commitResponse, ...common } = rest;
  return {
    events: events.map(
      (event) =>
        event && {
          event: { id: event.id, schemaId: event.schemaId, payload: event.payload, headers: event.headers },
          replayId: event.replayId?.toBytes() ?? Buffer.alloc(0),
        },
    ),
    ...common,
    ...(isManaged && { commitResponse }),
  };
}

/** Of an event that is not there, ours does not read the position. */
function withoutEmpty(response: object): object {
  const { events, ...rest } = response as { readonly events: readonly { readonly event: object | null }[] };
  return { events: events.map((each) => each.event && each), ...rest };
}
