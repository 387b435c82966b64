import { ConfigurationError } from '@rxforce/core/model';
import { createServer } from 'node:net';

/** The emulator's servers. */
export type ServerName = 'gRPC' | 'HTTP';

/** The error of a server that cannot listen, which names the port and what to do. */
export function portError(server: ServerName, port: number, cause: unknown): ConfigurationError {
  const { code, message } = cause as { code?: string; message?: string };
  const reason =
    code === 'EADDRINUSE'
      ? `port ${port} is in use`
      : `it cannot listen on port ${port} (${message ?? 'unknown error'})`;
  return new ConfigurationError(
    `The emulator's ${server} server did not start: ${reason}. Choose another port, or 0 for a free one.`,
    { cause },
  );
}

/**
 * Rejects with a {@link portError} when nobody could listen on this port. A gRPC server that finds its port in use
 * also prints a line of its own, which nobody can turn off for one server alone; so it is asked first.
 */
export function requireFreePort(server: ServerName, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', (error) => reject(portError(server, port, error)));
    probe.listen(port, 'localhost', () => probe.close(() => resolve()));
  });
}
