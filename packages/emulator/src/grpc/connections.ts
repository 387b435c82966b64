import type { Socket } from 'node:net';
import { handleOf } from './socket-handle.js';

/** Which connections go silent, and whether they still answer pings. */
export interface Silence {
  /** `existing`: the current connections; `all`: new ones too. */
  readonly scope: 'existing' | 'all';
  /** Whether HTTP/2 pings are still answered; otherwise the server does not even read what a client sends. */
  readonly pings: boolean;
}

/**
 * The TCP connections of clients, and which of them are half-open: they exist, but the server sends nothing on them any
 * more.
 */
export class Connections {
  /** All open connections, by the address of the client. */
  private readonly open = new Map<string, Socket>();
  private readonly silent = new Set<string>();
  /** Connections that are not read. */
  private readonly deaf = new Set<Socket>();
  /** Connections that came while pings of new ones were not answered either; they wait to be served. */
  private readonly unserved = new Set<Socket>();
  private newOnes: Silence | undefined;

  /** @param serve - Gets every connection to serve. */
  constructor(private readonly serve: (socket: Socket) => void) {}

  /** Takes a new connection. */
  accept(socket: Socket): void {
    const peer = `${socket.remoteAddress ?? ''}:${socket.remotePort ?? ''}`;
    this.open.set(peer, socket);
    // The `close` event reports the end of a connection.
    socket.on('error', () => undefined);
    socket.once('close', () => this.forget(peer, socket));
    if (this.newOnes !== undefined) this.silent.add(peer);
    if (this.newOnes?.pings === false) {
      this.unserved.add(socket);
    } else {
      this.serve(socket);
    }
  }

  /** Whether nothing may be sent to this client; `peer` is the name from gRPC's `getPeer()`. */
  isSilent(peer: string): boolean {
    return this.silent.has(peer);
  }

  /** Makes connections silent, in addition to those that are. */
  silence(silence: Silence): void {
    for (const [peer, socket] of this.open) {
      this.silent.add(peer);
      if (!silence.pings && !this.unserved.has(socket)) {
        this.deaf.add(socket);
        handleOf(socket)?.readStop();
      }
    }
    if (silence.scope === 'all') this.newOnes = silence;
  }

  /** Ends all silence: the server now reads what clients have sent meanwhile. */
  unsilence(): void {
    this.newOnes = undefined;
    this.silent.clear();
    this.deaf.forEach((socket) => handleOf(socket)?.readStart());
    this.deaf.clear();
    this.unserved.forEach((socket) => this.serve(socket));
    this.unserved.clear();
  }

  /** Cuts all connections without a goodbye. */
  cut(): void {
    this.open.forEach((socket) => socket.resetAndDestroy());
  }

  private forget(peer: string, socket: Socket): void {
    this.open.delete(peer);
    this.silent.delete(peer);
    this.deaf.delete(socket);
    this.unserved.delete(socket);
  }
}
