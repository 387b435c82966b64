import type { Socket } from 'node:net';
import { handleOf } from './socket-handle.js';

/** Which connections go silent, and how deaf they are. */
export interface Silence {
  /** `existing`: those that are there now; `all`: also new ones. */
  readonly scope: 'existing' | 'all';
  /** Whether HTTP/2 pings are still answered; otherwise nothing that a client sends is even read. */
  readonly pings: boolean;
}

/** The TCP connections of clients, and which of them are half-open: there, but nothing comes out of them any more. */
export class Connections {
  /** All that are open, by the address of the client. */
  private readonly open = new Map<string, Socket>();
  private readonly silent = new Set<string>();
  /** Not read from. */
  private readonly deaf = new Set<Socket>();
  /** Came while new ones were not even to be answered pings, and wait to be served. */
  private readonly unserved = new Set<Socket>();
  private newOnes: Silence | undefined;

  /** @param serve - Gets every connection that is to be served. */
  constructor(private readonly serve: (socket: Socket) => void) {}

  /** Takes a new connection. */
  accept(socket: Socket): void {
    const peer = `${socket.remoteAddress ?? ''}:${socket.remotePort ?? ''}`;
    this.open.set(peer, socket);
    // The end of a connection is seen by its close.
    socket.on('error', () => undefined);
    socket.once('close', () => this.forget(peer, socket));
    if (this.newOnes !== undefined) this.silent.add(peer);
    if (this.newOnes?.pings === false) {
      this.unserved.add(socket);
    } else {
      this.serve(socket);
    }
  }

  /** Whether nothing may be sent to this client, named as gRPC's `getPeer()` does. */
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

  /** Ends all silence: what clients have sent meanwhile is read now. */
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
