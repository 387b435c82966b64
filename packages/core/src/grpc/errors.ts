import { status, type StatusObject } from '@grpc/grpc-js';
import { errorOf, type RxforceError } from '../model/errors.js';
import { plainText } from '../model/plain-text.js';
import type { CallContext, Row } from './error-row.js';
import { LAST_RESORT, ROWS } from './error-rows.js';

export type { CallContext } from './error-row.js';

/** What grpc-js says of a call for which there was no connection to be had, or that the server did not take up (HTTP/2). */
const NEVER_SENT = /^(No connection established|Name resolution failed|Stream refused by server|Channel closed before)/;

/** Turns the status a call ended with into the error that it means. */
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

/** A message that is packed in a way which grpc-js does not know ends a call without either. */
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
