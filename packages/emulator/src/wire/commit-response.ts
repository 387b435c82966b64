import type { WireCommitResponse, WireError } from '@rxforce/core/internal';
import { encodeFetchResponse, type ResponseContent } from './fetch-response.js';
import { fieldSize, ProtobufWriter, varintSize } from './protobuf.js';

/** The result of a commit, and of earlier commits without an answer of their own. */
export interface CommitAnswer extends Pick<WireCommitResponse, 'commitRequestId' | 'error'> {
  readonly replayId: Uint8Array;
  /** The time of the commit, in milliseconds since 1970. */
  readonly processTime: number;
}

/** An answer to a commit, to encode. */
export interface CommitResponseContent extends Omit<ResponseContent, 'frames'> {
  readonly commitResponse: CommitAnswer;
}

/** A ManagedFetchResponse begins like a FetchResponse. */
const RESPONSE = { commitResponse: 5 } as const;
const COMMIT_RESPONSE = { commitRequestId: 1, replayId: 2, error: 3, processTime: 4 } as const;
const ERROR = { code: 1, msg: 2 } as const;

/** Encodes a ManagedFetchResponse that answers a commit, and carries no events. */
export function encodeCommitResponse({ commitResponse, ...content }: CommitResponseContent): Buffer {
  const commit = encodeCommit(commitResponse);
  const writer = new ProtobufWriter(fieldSize(commit.length));
  writer.bytesField(RESPONSE.commitResponse, commit);
  return Buffer.concat([encodeFetchResponse({ frames: [], ...content }), writer.bytes]);
}

function encodeCommit({ commitRequestId, replayId, error, processTime }: CommitAnswer): Buffer {
  const id = Buffer.from(commitRequestId, 'utf8');
  const problem = error === null ? undefined : encodeError(error);
  const problemSize = problem === undefined ? 0 : fieldSize(problem.length);
  const timeSize = 1 + varintSize(processTime);
  const writer = new ProtobufWriter(fieldSize(id.length) + fieldSize(replayId.length) + problemSize + timeSize);
  writer.bytesField(COMMIT_RESPONSE.commitRequestId, id);
  writer.bytesField(COMMIT_RESPONSE.replayId, replayId);
  if (problem !== undefined) writer.bytesField(COMMIT_RESPONSE.error, problem);
  writer.numberField(COMMIT_RESPONSE.processTime, processTime);
  return writer.bytes;
}

function encodeError({ code, msg }: WireError): Buffer {
  const text = Buffer.from(msg, 'utf8');
  const writer = new ProtobufWriter(1 + varintSize(code) + fieldSize(text.length));
  writer.numberField(ERROR.code, code);
  writer.bytesField(ERROR.msg, text);
  return writer.bytes;
}
