import { readPublishResponse, readSchemaInfo, readTopicInfo } from '../../packages/core/src/grpc/answers.js';
import {
  writeFetchRequest,
  writeManagedFetchRequest,
  writePublishRequest,
  writeSchemaRequest,
  writeTopicRequest,
} from '../../packages/core/src/grpc/requests.js';
import type {
  WireFetchRequest,
  WireManagedFetchRequest,
  WireProducerEvent,
  WirePublishRequest,
} from '../../packages/core/src/ports/wire.js';
import type { Seeded } from '../../packages/core/test/fault/support/seeded.js';
import { count, newTally, outcomeOf, plain, type Tally } from './finding.js';
import { mutate } from './mutate.js';
import { randomBytes, several, textOf } from './random-values.js';
import { methodOf } from './service.js';

/** A method, what writes its requests at random, and what reads its answers. */
interface Target {
  readonly theirs: ReturnType<typeof methodOf>;
  /** A request, and how we write it. */
  readonly request: (random: Seeded) => { readonly message: object; readonly written: Buffer };
  /** An answer, and how we read it. Absent where another target reads such answers. */
  readonly answer?: (random: Seeded) => object;
  readonly read?: (bytes: Buffer) => object;
}

const replayId = (random: Seeded) => randomBytes(random, random.pick([0, 8, 10, 12]));
const numbers = [0, 1, 100, 127, 128, 16_383, 16_384, 2 ** 31 - 1];

const TARGETS: readonly Target[] = [
  {
    theirs: methodOf('Publish'),
    request: (random) => {
      const message: WirePublishRequest = {
        topicName: textOf(random),
        events: several(random, 4, () => event(random)),
      };
      return { message, written: writePublishRequest(message) };
    },
    answer: (random) => ({
      results: several(random, 4, () => ({
        ...{ replayId: replayId(random), correlationKey: textOf(random) },
        ...(random.below(3) === 0 && { error: { code: random.below(3), msg: textOf(random) } }),
      })),
      ...{ schemaId: textOf(random), rpcId: textOf(random) },
    }),
    read: readPublishResponse,
  },
  {
    theirs: methodOf('GetTopic'),
    request: (random) => {
      const message = { topicName: textOf(random) };
      return { message, written: writeTopicRequest(message) };
    },
    answer: (random) => ({
      ...{ topicName: textOf(random), tenantGuid: textOf(random), schemaId: textOf(random), rpcId: textOf(random) },
      ...{ canPublish: random.below(2) === 0, canSubscribe: random.below(2) === 0 },
    }),
    read: readTopicInfo,
  },
  {
    theirs: methodOf('GetSchema'),
    request: (random) => {
      const message = { schemaId: textOf(random) };
      return { message, written: writeSchemaRequest(message) };
    },
    answer: (random) => ({ schemaJson: textOf(random), schemaId: textOf(random), rpcId: textOf(random) }),
    read: readSchemaInfo,
  },
  {
    theirs: methodOf('Subscribe'),
    request: (random) => {
      const message: WireFetchRequest = {
        ...{ topicName: textOf(random), numRequested: random.pick(numbers) },
        ...(random.below(2) === 0 && { replayPreset: random.pick([0, 1, 2] as const), replayId: replayId(random) }),
      };
      return { message, written: writeFetchRequest(message) };
    },
  },
  {
    theirs: methodOf('ManagedSubscribe'),
    request: (random) => {
      const commit = { commitRequestId: textOf(random), replayId: replayId(random) };
      const message: WireManagedFetchRequest = {
        ...(random.below(2) === 0 && { [random.pick(['subscriptionId', 'developerName'])]: textOf(random) }),
        numRequested: random.pick(numbers),
        ...(random.below(2) === 0 && { commitReplayIdRequest: commit }),
      };
      return { message, written: writeManagedFetchRequest(message) };
    },
  },
];

function event(random: Seeded): WireProducerEvent {
  return {
    ...{ id: textOf(random), schemaId: textOf(random), payload: randomBytes(random, random.pick([0, 1, 30, 200])) },
    headers: several(random, 3, () => ({ key: textOf(random), value: randomBytes(random, random.below(200)) })),
  };
}

/** Holds our writer of requests against protobufjs: it must read in them what was written. */
export function fuzzRequests(inputs: number, random: Seeded): Tally {
  const tally = newTally('Requests');
  while (tally.inputs < inputs) {
    const { theirs, request } = random.pick(TARGETS);
    const { message, written } = request(random);
    const expected = theirs.requestSerialize(message);
    const read = (bytes: Buffer) => ({ length: bytes.length, message: plain(theirs.requestDeserialize(bytes)) });
    count(
      tally,
      written,
      outcomeOf(() => read(written)),
      outcomeOf(() => read(expected)),
    );
  }
  return tally;
}

/** Holds our readers of answers without events against protobufjs, on random answers, of which most are then broken. */
export function fuzzAnswers(inputs: number, random: Seeded): Tally {
  const tally = newTally('Answers');
  while (tally.inputs < inputs) {
    const { theirs, answer, read } = random.pick(TARGETS);
    if (answer === undefined || read === undefined) continue;
    const whole = theirs.responseSerialize(answer(random));
    const isWhole = random.below(4) === 0;
    const input = isWhole ? whole : mutate(whole, random);
    count(
      tally,
      input,
      outcomeOf(() => plain(read(input))),
      outcomeOf(() => plain(theirs.responseDeserialize(input))),
      isWhole,
    );
  }
  return tally;
}
