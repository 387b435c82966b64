import { ConfigurationError } from '@rxforce/core/model';

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
