import type { NatsConnection } from '@nats-io/transport-node';
import { plainText, type Logger } from '@rxforce/core/model';

/**
 * Logs that NATS refuses the login, once until there is a connection again: calls only say that nobody answers. It only
 * tells, so it never rejects: that a connection has ended must not end the process.
 *
 * @param hosts - Where NATS is, without a login.
 */
export async function watchLogin(
  connection: Pick<NatsConnection, 'status'>,
  hosts: string,
  logger: Logger,
): Promise<void> {
  let isTold = false;
  try {
    for await (const status of connection.status()) {
      if (status.type === 'reconnect') isTold = false;
      if (status.type !== 'error' || !/auth/i.test(status.error.message)) continue;
      const line = `NATS at ${hosts} refuses the login, which is tried again: ${plainText(status.error.message, 200)}`;
      if (isTold) logger.debug?.(line);
      else logger.warn(line);
      isTold = true;
    }
  } catch {
    // The connection is over, and its users learn that.
  }
}
