import type { CallOptions } from './call-context.js';

/** The current settings of calls. */
export class CallSettings implements CallOptions {
  readonly keepaliveMs: number;
  readonly idleCloseMs: number;
  readonly publishIdleMs: number;
  readonly managedIdleMs: number;
  readonly managedSlotMs: number;
  /** How much later every response is sent, in milliseconds. */
  responseDelayMs: number;
  /** Most events in one response. */
  maxEventsPerResponse: number;
  /** How long events are held back to come in one response, in milliseconds. */
  mergeMs = 0;

  constructor(options: Omit<CallOptions, 'mergeMs'>) {
    this.keepaliveMs = options.keepaliveMs;
    this.idleCloseMs = options.idleCloseMs;
    this.publishIdleMs = options.publishIdleMs;
    this.managedIdleMs = options.managedIdleMs;
    this.managedSlotMs = options.managedSlotMs;
    this.responseDelayMs = options.responseDelayMs;
    this.maxEventsPerResponse = options.maxEventsPerResponse;
  }
}
