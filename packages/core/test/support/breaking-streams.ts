import { hold, type Hold } from '@rxforce/core/delivery';
import { nameOf } from './fake-store.js';
import { THING, type FakeService } from './fake-service.js';
import type { VirtualThingStream } from './in-virtual-time.js';
import { ConnectionError, AuthenticationError } from '../../src/model/errors.js';
import type { Status } from '../../src/ports/status.js';
import type { WireSchemaInfo } from '../../src/ports/wire.js';

/** A stream breaks. */
export const broken = new ConnectionError('broken');

/** The session is refused. */
export const refused = new AuthenticationError('expired', { grpcStatus: 16 });

/** Where each stream started. */
export const starts = ({ streams }: FakeService) => streams.map(({ start }) => nameOf(start.from));

/** The types of the statuses, in order. */
export const typesOf = ({ statuses }: { readonly statuses: readonly Status[] }) => statuses.map(({ type }) => type);

/** Subscribes and holds every event, until the test releases it. */
export function subscribeHolding({ events$ }: VirtualThingStream): { names: string[]; holds: Map<string, Hold> } {
  const names: string[] = [];
  const holds = new Map<string, Hold>();
  events$.subscribe((event) => {
    names.push(event.id);
    holds.set(event.id, hold(event));
  });
  return { names, holds };
}

/** The schema of the things, as the service tells it. */
export const schemaInfo = (schemaId: string): WireSchemaInfo => ({ schemaId, schemaJson: THING.json, rpcId: '' });
