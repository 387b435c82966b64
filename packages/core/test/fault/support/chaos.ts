import type { Emulator } from '@rxforce/emulator';
import type { Seeded } from './seeded.js';

/** Everything that may happen to a stream without a client being told off: it must heal from all of them. */
export const FAULTS: Readonly<Record<string, (emulator: Emulator, random: Seeded) => unknown>> = {
  'streams dropped': ({ faults }) => faults.dropStreams(),
  'streams ended in peace': ({ faults }) => faults.endStreams(),
  'service unavailable': ({ faults }) => faults.failStreams({ status: 'INTERNAL', errorCode: 'service.unavailable' }),
  'calls refused': ({ faults }, random) => {
    faults.answer({ status: 'UNAVAILABLE', details: 'GOAWAY received', times: 1 + random.below(2) });
    faults.dropStreams();
  },
  'schemas refused': ({ faults, org }) => {
    org.create('Account', { Name: `before the new schema ${faults.switchSchema('Account')}` });
    faults.answer({ status: 'INTERNAL', errorCode: 'service.unavailable', method: 'GetSchema' });
  },
  'server restarted': ({ faults }, random) => faults.restartServer({ downMs: 1 + random.below(100) }),
  'connections told to go': ({ faults }) => {
    faults.goAway();
    faults.dropStreams();
  },
  'connections half-open': ({ faults }) => faults.silence(),
  'connections half-open, without pings': ({ faults }) => faults.silence({ pings: false }),
  'sessions expired': ({ faults }) => faults.expireSessions({ cutExpired: true }),
  'events sent again': ({ faults }, random) => faults.redeliver({ events: 1 + random.below(100) }),
  'responses split': ({ faults }, random) => faults.responses({ maxEvents: 10 + random.below(50) }),
  'responses merged': ({ faults }) => faults.responses({ merge: true }),
  'responses delayed': ({ faults }, random) => faults.slow({ responseDelayMs: random.below(5) }),
};

/** Lets faults happen to an emulator, one after the other, each as often as the others. */
export class Chaos {
  /** What has happened. */
  readonly happened: string[] = [];
  private striking: Promise<unknown> = Promise.resolve();
  private idle = true;

  constructor(
    private readonly emulator: Emulator,
    private readonly random: Seeded,
    private readonly faults = Object.keys(FAULTS),
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
    this.striking = Promise.resolve(FAULTS[name]?.(this.emulator, this.random)).then(() => (this.idle = true));
  }

  /** Waits for the fault under way. */
  async over(): Promise<void> {
    await this.striking;
  }

  private count(name: string): number {
    return this.happened.filter((each) => each === name).length;
  }
}
