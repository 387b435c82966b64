import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** Which bytes: those that the server sends, those that the client sends, or all. */
export type Direction = 'toClient' | 'toServer' | 'both';

/** A TCP proxy that does to connections what networks do. */
export interface Proxy {
  readonly port: number;
  /** `localhost:PORT`. */
  readonly endpoint: string;
  /** How many connections clients have open. */
  readonly connections: number;
  /** How many bytes vanished, of all connections since the start. */
  readonly vanishedBytes: number;
  /**
   * Lets the bytes of one direction vanish, and the end of the connection with them: who would get them sees it open
   * and silent. Concerns the connections open now and, with `future`, those to come.
   */
  dropBytes(direction: Direction, options?: { readonly future?: boolean }): void;
  /** Lets everything pass again, on all connections. What vanished does not come back, save that a connection ended. */
  pass(): void;
  /** Breaks all connections. */
  cut(): void;
  /** Whether connections to come are broken at once. */
  refuse(refused: boolean): void;
  /** Breaks all connections and listens no more. */
  stop(): Promise<void>;
}

/** Starts one in front of a port of this machine. */
export async function startProxy(targetPort: number): Promise<Proxy> {
  const links = new Set<Link>();
  let refused = false;
  let dropped: Direction | undefined;
  let vanishedBytes = 0;
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    if (refused) {
      client.destroy();
      return;
    }
    const link = new Link(client, targetPort, (count) => (vanishedBytes += count));
    if (dropped) link.drop(dropped);
    links.add(link);
    void link.closed.then(() => links.delete(link));
  });
  server.listen(0, 'localhost');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const cut = () => links.forEach((link) => link.cut());
  return {
    port,
    endpoint: `localhost:${port}`,
    get connections() {
      return [...links].filter((link) => link.isOpen).length;
    },
    get vanishedBytes() {
      return vanishedBytes;
    },
    dropBytes: (direction, { future = false } = {}) => {
      if (future) dropped = direction;
      links.forEach((link) => link.drop(direction));
    },
    pass: () => {
      dropped = undefined;
      links.forEach((link) => link.pass());
    },
    cut,
    refuse: (value) => {
      refused = value;
    },
    stop: async () => {
      cut();
      server.close();
      await once(server, 'close');
    },
  };
}

/** A client's connection, and the one to the server that belongs to it. */
class Link {
  /** Resolves when both are closed. */
  readonly closed: Promise<unknown>;
  private readonly sockets: readonly Socket[];
  private readonly ways: readonly Way[];

  constructor(
    private readonly client: Socket,
    targetPort: number,
    vanished: (bytes: number) => void,
  ) {
    const server = connect({ port: targetPort, host: 'localhost', allowHalfOpen: true, noDelay: true });
    this.sockets = [client, server];
    this.ways = [new Way('toServer', client, server, vanished), new Way('toClient', server, client, vanished)];
    this.closed = Promise.all(this.sockets.map((socket) => new Promise((resolve) => socket.once('close', resolve))));
  }

  /** Whether its client has it open. */
  get isOpen(): boolean {
    return !this.client.destroyed;
  }

  drop(direction: Direction): void {
    this.ways.filter((way) => direction === 'both' || direction === way.direction).forEach((way) => way.drop());
  }

  pass(): void {
    this.ways.forEach((way) => way.pass());
  }

  cut(): void {
    this.sockets.forEach((socket) => socket.destroy());
  }
}

/** One direction of a connection. */
class Way {
  private isDropping = false;
  /** How it ended at the side that sends. */
  private end: 'none' | 'closed' | 'broken' = 'none';

  constructor(
    readonly direction: Direction,
    private readonly from: Socket,
    private readonly to: Socket,
    private readonly vanished: (bytes: number) => void,
  ) {
    from.on('data', (bytes) => this.send(bytes));
    from.on('end', () => this.ended('closed'));
    from.on('close', (isBroken) => this.ended(isBroken ? 'broken' : 'closed'));
    // It comes before `close`, which tells of it.
    from.on('error', () => undefined);
    to.on('drain', () => from.resume());
  }

  drop(): void {
    this.isDropping = true;
    // It may be waiting for a reader that takes nothing any more.
    this.from.resume();
  }

  pass(): void {
    this.isDropping = false;
    this.ended(this.end);
  }

  private send(bytes: Buffer): void {
    if (this.isDropping || this.to.destroyed) this.vanished(bytes.length);
    else if (!this.to.write(bytes)) this.from.pause();
  }

  private ended(end: typeof this.end): void {
    this.end = end;
    if (this.isDropping) return;
    if (end === 'closed') this.to.end();
    if (end === 'broken') this.to.resetAndDestroy();
  }
}
