import { lookup } from 'node:dns/promises';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { portError } from '../net/port-error.js';

/** This machine; some resolve the name to one address, some to two. */
const HOST = 'localhost';
/** The error codes for an address that the machine knows by name but does not have. */
const ADDRESS_MISSING = new Set(['EADDRNOTAVAIL', 'EAFNOSUPPORT']);

/** Listens on one port of this machine, on all its addresses, and can stop and start again there. */
export class Listener {
  private servers: Server[] = [];

  /** @param accept - Gets every new connection. */
  constructor(private readonly accept: (socket: Socket) => void) {}

  /** Whether it listens. */
  get isListening(): boolean {
    return this.servers.length > 0;
  }

  /**
   * Listens on this port, or on a free one for 0, and resolves with the port.
   *
   * @throws `ConfigurationError` when the port is in use.
   */
  async listen(port: number): Promise<number> {
    let actual = port;
    try {
      for (const { address } of await lookup(HOST, { all: true })) {
        actual = await this.listenOn(address, actual);
      }
    } catch (error) {
      await this.close();
      throw portError('gRPC', port, error);
    }
    return actual;
  }

  /** Accepts no new connections, and frees the port. Their owner must end the existing ones. */
  async close(): Promise<void> {
    const servers = this.servers;
    this.servers = [];
    await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  }

  private listenOn(address: string, port: number): Promise<number> {
    const server = createServer({ noDelay: true }, this.accept);
    return new Promise((resolve, reject) => {
      server.once('error', (error: NodeJS.ErrnoException) => {
        const isMissing = this.isListening && ADDRESS_MISSING.has(error.code ?? '');
        return isMissing ? resolve(port) : reject(error);
      });
      server.listen(port, address, () => {
        server.removeAllListeners('error');
        this.servers.push(server);
        resolve((server.address() as AddressInfo).port);
      });
    });
  }
}
