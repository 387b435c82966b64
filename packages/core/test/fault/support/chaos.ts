import { setTimeout } from 'node:timers/promises';
import type { Emulator } from '@rxforce/emulator';
import type { Proxy } from '../../support/proxy.js';
import type { Seeded } from './seeded.js';

/** What faults happen to. */
export interface World {
  readonly emulator: Emulator;
  /** What lies between, if anything. */
  readonly proxy?: Proxy;
}

/** Everything that may happen to a stream without a client being told off: it must heal from all of them. */
export const FAULTS: Readonly<Record<string, (world: World, random: Seeded) => unknown>> = {
  'streams dropped': ({ emulator: { faults } }) => faults.dropStreams(),
  'streams ended in peace': ({ emulator: { faults } }) => faults.endStreams(),
  'service unavailable': ({ emulator: { faults } }) =>
    faults.failStreams({ status: 'INTERNAL', errorCode: 'service.unavailable' }),
  'calls throttled': ({ emulator: { faults } }) => {
    faults.answer({ status: 'RESOURCE_EXHAUSTED', details: 'too many connections' });
    faults.dropStreams();
  },
  'calls refused': ({ emulator: { faults } }, random) => {
    faults.answer({ status: 'UNAVAILABLE', details: 'GOAWAY received', times: 1 + random.below(2) });
    faults.dropStreams();
  },
  'schemas refused': ({ emulator: { faults, org } }) => {
    org.create('Account', { Name: `before the new schema ${faults.switchSchema('Account')}` });
    faults.answer({ status: 'INTERNAL', errorCode: 'service.unavailable', method: 'GetSchema' });
  },
  'server restarted': ({ emulator: { faults } }, random) => faults.restartServer({ downMs: 1 + random.below(100) }),
  'connections told to go': ({ emulator: { faults } }) => {
    faults.goAway();
    faults.dropStreams();
  },
  'connections half-open': ({ emulator: { faults } }) => faults.silence(),
  'connections half-open, without pings': ({ emulator: { faults } }) => faults.silence({ pings: false }),
  'sessions expired': ({ emulator: { faults } }) => faults.expireSessions({ cutExpired: true }),
  'events sent again': ({ emulator: { faults } }, random) => faults.redeliver({ events: 1 + random.below(100) }),
  'responses split': ({ emulator: { faults } }, random) => faults.responses({ maxEvents: 10 + random.below(50) }),
  'responses merged': ({ emulator: { faults } }) => faults.responses({ merge: true }),
  'responses delayed': ({ emulator: { faults } }, random) => faults.slow({ responseDelayMs: random.below(5) }),
};

/** What networks do: bytes that vanish one way or the other, connections that break, and that cannot be made. */
export const NETWORK_FAULTS: typeof FAULTS = {
  'bytes to the client vanish': ({ proxy }) => proxy?.dropBytes('toClient'),
  'bytes to the server vanish': ({ proxy }) => proxy?.dropBytes('toServer'),
  'connections broken': ({ proxy }) => proxy?.cut(),
  'connections refused': async ({ proxy }, random) => {
    proxy?.refuse(true);
    proxy?.cut();
    await setTimeout(1 + random.below(50));
    proxy?.refuse(false);
  },
};

const ALL = { ...FAULTS, ...NETWORK_FAULTS };

/** Lets faults happen to an emulator, one after the other, each as often as the others. */
export class Chaos {
  /** What has happened. */
  readonly happened: string[] = [];
  private striking: Promise<unknown> = Promise.resolve();
  private idle = true;

  constructor(
    private readonly world: World,
    private readonly random: Seeded,
    private readonly faults: readonly string[],
  ) {}

  /** The next fault, unless the one before is still under way. */
  strike(): void {
    if (!this.idle) return;
    this.idle = false;
    const left = this.faults.filter(
      (name) => this.count(name) === Math.floor(this.happened.length / this.faults.length),
    );
    const name = this.random.pick(left);
    this.happened.push(name);
    this.striking = Promise.resolve(ALL[name]?.(this.world, this.random)).then(() => (this.idle = true));
  }

  /** Waits for the fault under way. */
  async over(): Promise<void> {
    await this.striking;
  }

  private count(name: string): number {
    return this.happened.filter((each) => each === name).length;
  }
}
