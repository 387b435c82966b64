import { status, type StatusObject } from '@grpc/grpc-js';
import { errorOf, type RxforceError } from '../model/errors.js';
import { plainText } from '../model/plain-text.js';
import type { CallContext, Row } from './error-row.js';
import { LAST_RESORT, ROWS } from './error-rows.js';

export type { CallContext } from './error-row.js';

/** The messages of grpc-js for a call that got no connection, or that the server did not accept (HTTP/2). */
const NEVER_SENT = /^(No connection established|Name resolution failed|Stream refused by server|Channel closed before)/;

/** Turns the status of a call into an error. */
export function errorOfStatus(final: StatusObject, context: CallContext): RxforceError {
  const ended = { ...final, ...named(final) };
  const serviceCode = trailer(ended, 'error-code');
  const row = ROWS.find((candidate) => matches(candidate, ended, serviceCode)) ?? LAST_RESORT;
  const { code, retriable, advice } = row;
  const { topic, schemaId, replayId } = context;
  const rpcId = trailer(ended, 'rpc-id') ?? /rpcId: (\S+)/.exec(ended.details)?.[1];
  return errorOf(code, `${advice(context, ended)} (${status[ended.code]}: ${plainText(ended.details)})`, {
    retriable,
    grpcStatus: ended.code,
    ...(serviceCode === undefined && NEVER_SENT.test(ended.details) && { neverSent: true as const }),
    ...defined({ topic, schemaId, replayId, serviceCode, rpcId }),
  });
}

/** A message with a compression that grpc-js does not know ends a call without code and details. */
function named({ code, details }: Partial<StatusObject>): Pick<StatusObject, 'code' | 'details'> {
  return { code: code ?? status.UNKNOWN, details: details ?? 'The answer cannot be read: it may be compressed' };
}

function matches(row: Row, ended: StatusObject, serviceCode: string | undefined): boolean {
  if (row.serviceCode !== undefined) return serviceCode?.endsWith(row.serviceCode) ?? false;
  const isStatus = row.grpcStatus === undefined || row.grpcStatus === ended.code;
  return isStatus && (row.details?.test(ended.details) ?? true);
}

function trailer({ metadata }: StatusObject, key: string): string | undefined {
  return metadata.get(key)[0]?.toString();
}

function defined(fields: Record<string, string | undefined>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(fields).filter((entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== ''),
  );
}
