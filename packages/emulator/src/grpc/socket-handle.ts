import { ConfigurationError } from '@rxforce/core/model';
import type { Socket } from 'node:net';

/** The part of a socket that reads from the system. */
export interface SocketHandle {
  readStop(): void;
  readStart(): void;
}

/**
 * Returns the part of a socket that reads; `undefined` for a closed socket.
 *
 * Node keeps it in the private field `_handle`. HTTP/2 reads past the socket, so `pause()` has no effect, and Node has
 * no public way to stop reading.
 *
 * @throws `ConfigurationError` when this version of Node has no such field.
 */
export function handleOf(socket: Socket): SocketHandle | undefined {
  const { _handle: handle } = socket as { readonly _handle?: Partial<SocketHandle> | null };
  if (handle === null || socket.destroyed) return undefined;
  if (typeof handle?.readStop === 'function' && typeof handle.readStart === 'function') return handle as SocketHandle;
  throw new ConfigurationError(
    `The fault silence({ pings: false }) needs _handle.readStop() and _handle.readStart() of Node's sockets, which Node ` +
      `${process.versions.node} does not have. Use Node 20, 22 or 24, or leave pings at true.`,
  );
}
