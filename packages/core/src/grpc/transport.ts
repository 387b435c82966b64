import { Metadata, type CallOptions } from '@grpc/grpc-js';
import { catchError, defer, map, switchMap, throwError, type Observable } from 'rxjs';
import { AuthenticationError, RxforceError } from '../model/errors.js';
import { ReplayId } from '../model/replay-id.js';
import type { OrgSession, SharedSession } from '../ports/session-provider.js';
import type { StreamStart, Transport } from '../ports/transport.js';
import { WireReplayPreset, type WireFetchRequest } from '../ports/wire.js';
import { duplexCall, unaryCall, type ErrorOf } from './call.js';
import { errorOfStatus, type CallContext } from './errors.js';
import { pubSubClient, type ChannelSettings } from './pubsub-client.js';

/** Longest wait for the answer to GetTopic and GetSchema, connecting included. */
const UNARY_TIMEOUT_MS = 30_000;

/**
 * The service over gRPC.
 *
 * @param session - The session to make calls with. It is asked for at each call, and told when a call was refused.
 */
export function grpcTransport(settings: ChannelSettings, session: SharedSession): Transport {
  const client = pubSubClient(settings);
  const authorized = <T>(call: (metadata: Metadata) => Observable<T>): Observable<T> =>
    defer(() => session.current()).pipe(
      switchMap((current) =>
        call(metadataOf(current)).pipe(
          catchError((error: unknown) => {
            if (RxforceError.is(error) && error.code === 'authentication') session.refused(current);
            return throwError(() => error);
          }),
        ),
      ),
    );
  const errorIn =
    (context: Partial<CallContext>): ErrorOf =>
    (status) =>
      errorOfStatus(status, { endpoint: settings.endpoint, ...context });

  return {
    subscribe: (start, demand) =>
      authorized((metadata) =>
        duplexCall(() => client.Subscribe(metadata), demand.pipe(map(requestsOf(start))), errorIn(contextOf(start))),
      ),
    topic: (topicName) =>
      authorized((metadata) =>
        unaryCall(
          (callback) => client.GetTopic({ topicName }, metadata, withDeadline(), callback),
          errorIn({ topic: topicName }),
        ),
      ),
    schema: (schemaId) =>
      authorized((metadata) =>
        unaryCall(
          (callback) => client.GetSchema({ schemaId }, metadata, withDeadline(), callback),
          errorIn({ schemaId }),
        ),
      ),
    close: () => client.close(),
  };
}

function metadataOf({ accessToken, instanceUrl, organizationId }: OrgSession): Metadata {
  if (![accessToken, instanceUrl, organizationId].every((text) => /^[\x20-\x7e]+$/.test(text))) {
    // Without the values: one of them is a secret.
    throw new AuthenticationError(
      'The access token, instance URL or org id holds characters that cannot be sent, such as a line break at the end of ' +
        'an environment variable. Trim them.',
    );
  }
  const metadata = new Metadata();
  metadata.set('accesstoken', accessToken);
  metadata.set('instanceurl', instanceUrl);
  metadata.set('tenantid', organizationId);
  return metadata;
}

/** Only the first request of a stream says where to start: the service ignores or refuses it later. */
function requestsOf({ topic, from }: StreamStart): (numRequested: number, index: number) => WireFetchRequest {
  return (numRequested, index) => ({ topicName: topic, numRequested, ...(index === 0 ? replayOf(from) : {}) });
}

function replayOf(from: StreamStart['from']): Pick<WireFetchRequest, 'replayPreset' | 'replayId'> {
  if (from instanceof ReplayId) return { replayPreset: WireReplayPreset.CUSTOM, replayId: from.toBytes() };
  return { replayPreset: from === 'latest' ? WireReplayPreset.LATEST : WireReplayPreset.EARLIEST };
}

function contextOf({ topic, from }: StreamStart): Partial<CallContext> {
  return from instanceof ReplayId ? { topic, replayId: from.toString() } : { topic };
}

function withDeadline(): CallOptions {
  return { deadline: Date.now() + UNARY_TIMEOUT_MS };
}
