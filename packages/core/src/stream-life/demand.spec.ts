import { expect } from 'chai';
import fc from 'fast-check';
import { ConfigurationError } from '../model/errors.js';
import { Demand, MAX_OUTSTANDING, resolveDemandOptions } from './demand.js';

/** A server and the network to it, both ways, as slow as the test wants them. */
class Model {
  readonly demand: Demand;
  private readonly toServer: number[] = [];
  private readonly toClient: { events: number; pending: number }[] = [];
  private pending = 0;

  constructor(
    private readonly window: number,
    refillAt: number,
    private readonly serverCap: number,
  ) {
    this.demand = new Demand({ window, refillAt });
    this.ask();
  }

  /** The client asks for what it may, as a session does after each change. */
  private ask(): void {
    for (let count = this.demand.take(); count > 0; count = this.demand.take()) {
      this.toServer.push(count);
    }
  }

  serverReads(): void {
    const count = this.toServer.shift();
    if (count !== undefined) this.pending = Math.min(this.serverCap, this.pending + count);
  }

  serverSends(atMost: number): void {
    const events = Math.min(atMost, this.pending);
    this.pending -= events;
    this.toClient.push({ events, pending: this.pending });
  }

  clientReads(): void {
    const response = this.toClient.shift();
    if (!response) return;
    this.demand.received(response.events, response.pending);
    this.ask();
  }

  settle(count: number): void {
    for (let left = Math.min(count, this.demand.unsettled); left > 0; left--) {
      this.demand.settled();
      this.ask();
    }
  }

  /** Events and credits anywhere on the way: what could become unsettled without another request. */
  get committed(): number {
    const asked = this.toServer.reduce((sum, count) => sum + count, 0);
    const sent = this.toClient.reduce((sum, { events }) => sum + events, 0);
    return asked + this.pending + sent + this.demand.unsettled;
  }

  get quiet(): boolean {
    return this.toServer.length === 0 && this.toClient.length === 0 && this.pending === 0;
  }

  /** Nothing moves and there is room: the server closes such a stream after 60 s, and the client opens another. */
  idleClose(): void {
    this.demand.streamEnded();
    this.ask();
  }

  check(): void {
    expect(this.demand.outstanding + this.demand.unsettled, 'outstanding + unsettled').to.be.at.most(this.window);
    expect(this.committed, 'what may still come').to.be.at.most(this.window);
    expect(this.demand.outstanding, 'outstanding').to.be.within(0, MAX_OUTSTANDING);
  }

  step([action, count]: Step): void {
    if (action === 'read') this.serverReads();
    else if (action === 'send') this.serverSends(count);
    else if (action === 'receive') this.clientReads();
    else this.settle(count);
    this.check();
  }
}

type Step = readonly ['read' | 'send' | 'receive' | 'settle', number];

const steps = fc.array(
  fc.tuple(fc.constantFrom<Step[0][]>('read', 'send', 'receive', 'settle'), fc.integer({ min: 0, max: 120 })),
  { maxLength: 200 },
);
const windows = fc
  .integer({ min: 1, max: 350 })
  .chain((window) => fc.record({ window: fc.constant(window), refillAt: fc.integer({ min: 1, max: window }) }));

describe('Demand', () => {
  it('asks for the window at first, 100 at most', () => {
    expect(new Demand({ window: 7, refillAt: 2 }).take()).to.equal(7);
    expect(new Demand({ window: 500, refillAt: 25 }).take()).to.equal(100);
  });

  it('asks again, when as much is free as the threshold says', () => {
    const demand = new Demand({ window: 8, refillAt: 3 });
    demand.take();
    demand.received(4, 4);
    demand.settled();
    demand.settled();
    expect(demand.take()).to.equal(0);
    demand.settled();
    expect(demand.take()).to.equal(3);
    expect(demand.outstanding).to.equal(7);
  });

  it('asks below the threshold, when nothing is outstanding', () => {
    const demand = new Demand({ window: 8, refillAt: 8 });
    demand.take();
    demand.received(8, 0);
    expect(demand.take()).to.equal(0);
    demand.settled();
    expect(demand.take()).to.equal(1);
  });

  it('is under pressure, when the window is full of unsettled events', () => {
    const demand = new Demand({ window: 2, refillAt: 1 });
    demand.take();
    expect(demand.pressure).to.equal(false);
    demand.received(2, 0);
    expect(demand.pressure).to.equal(true);
    demand.settled();
    expect(demand.pressure).to.equal(false);
  });

  it('takes the count of the server for true, when the server counted less than it was asked for', () => {
    const demand = new Demand({ window: 50, refillAt: 10 });
    demand.take();
    demand.received(10, 0);
    expect(demand.outstanding).to.equal(0);
    expect(demand.take()).to.equal(40);
  });

  it('counts a request that the server has not seen yet, whatever a response on its way says', () => {
    const demand = new Demand({ window: 20, refillAt: 5 });
    demand.take();
    demand.received(10, 10);
    for (let count = 0; count < 5; count++) demand.settled();
    expect(demand.take()).to.equal(5);
    // Sent before the server read the second request.
    demand.received(2, 8);
    expect(demand.outstanding).to.equal(13);
  });

  it('forgets what was outstanding, when the stream ends', () => {
    const demand = new Demand({ window: 20, refillAt: 5 });
    demand.take();
    demand.received(3, 17);
    demand.streamEnded();
    expect(demand.outstanding).to.equal(0);
    expect(demand.take()).to.equal(17);
  });

  describe('with a server that does not count as it must', () => {
    const asked = (window = 10) => {
      const demand = new Demand({ window, refillAt: 1 });
      demand.take();
      return demand;
    };

    it('counts itself, when the server counts below zero or above what it was asked for', () => {
      for (const pending of [-1, -2_147_483_648, 11, 1_000_000, NaN]) {
        const demand = asked();
        expect(demand.received(4, pending), `pending ${pending}`).to.equal(false);
        expect([demand.outstanding, demand.unsettled]).to.deep.equal([6, 4]);
        for (let left = 4; left > 0; left--) demand.settled();
        expect(demand.take()).to.equal(4);
      }
    });

    it('goes on asking, when more events come than were asked for', () => {
      const demand = asked();
      expect(demand.received(15, 0)).to.equal(false);
      expect([demand.outstanding, demand.wanted]).to.deep.equal([0, 0]);
      for (let left = 15; left > 0; left--) demand.settled();
      expect(demand.take()).to.equal(10);
    });

    it('takes no more than a window and what can be outstanding', () => {
      const demand = asked();
      expect([demand.takable(50), demand.takable(1_000)]).to.deep.equal([50, 110]);
      demand.received(110, 0);
      expect(demand.takable(1)).to.equal(0);
    });

    it('agrees, when it counts as it must', () => {
      const demand = asked();
      expect([demand.received(4, 6), demand.received(6, 0), demand.received(0, 0)]).to.deep.equal([true, true, true]);
    });
  });

  describe('with events that are settled and not durable', () => {
    const bench = (window: number, refillAt = 1) => {
      const store = { uncommitted: 0 };
      return { store, demand: new Demand({ window, refillAt }, () => store.uncommitted) };
    };

    it('asks for what they leave of the window', () => {
      const { store, demand } = bench(10);
      store.uncommitted = 3;
      expect([demand.free, demand.take()]).to.deep.equal([7, 7]);
    });

    it('asks for nothing, when they fill it, and for more once they are durable', () => {
      const { store, demand } = bench(4);
      demand.take();
      demand.received(4, 0);
      for (store.uncommitted = 0; store.uncommitted < 4; store.uncommitted++) demand.settled();
      expect([demand.free, demand.take()]).to.deep.equal([0, 0]);
      store.uncommitted = 1;
      expect(demand.take()).to.equal(3);
    });

    it('asks for nothing, when there are more of them than the window holds', () => {
      const { store, demand } = bench(4);
      store.uncommitted = 9;
      expect([demand.free, demand.take(), demand.outstanding]).to.deep.equal([-5, 0, 0]);
    });

    it('is under no pressure because of them: they wait for a commit, not for who collects', () => {
      const { store, demand } = bench(2);
      demand.take();
      demand.received(2, 0);
      demand.settled();
      store.uncommitted = 1;
      expect(demand.pressure).to.equal(false);
    });
  });

  it('never lets more come than the window holds, whatever is delayed, split or reordered', () => {
    fc.assert(
      fc.property(windows, steps, ({ window, refillAt }, list) => {
        const model = new Model(window, refillAt, MAX_OUTSTANDING);
        list.forEach((step) => model.step(step));
      }),
      { numRuns: 500 },
    );
  });

  it('never stalls while there is room', () => {
    fc.assert(
      fc.property(windows, steps, ({ window, refillAt }, list) => {
        const model = new Model(window, refillAt, MAX_OUTSTANDING);
        list.forEach((step) => {
          model.step(step);
          if (model.quiet) expect(model.demand.unsettled).to.equal(window);
        });
      }),
      { numRuns: 500 },
    );
  });

  it('comes back by the idle close, when a server counts less than it says', () => {
    fc.assert(
      fc.property(windows, steps, fc.integer({ min: 1, max: 99 }), ({ window, refillAt }, list, serverCap) => {
        const model = new Model(window, refillAt, serverCap);
        list.forEach((step) => {
          model.step(step);
          if (!model.quiet || model.demand.unsettled === window) return;
          model.idleClose();
          expect(model.quiet).to.equal(false);
        });
      }),
      { numRuns: 300 },
    );
  });
});

describe('resolveDemandOptions', () => {
  it('gives a window of 200, refilled at a quarter and at 50 at most', () => {
    expect(resolveDemandOptions({})).to.deep.equal({ window: 200, refillAt: 50 });
    expect(resolveDemandOptions({ window: 10 })).to.deep.equal({ window: 10, refillAt: 3 });
    expect(resolveDemandOptions({ window: 1000 })).to.deep.equal({ window: 1000, refillAt: 50 });
    expect(resolveDemandOptions({ window: 1 })).to.deep.equal({ window: 1, refillAt: 1 });
  });

  for (const options of [
    { window: 0 },
    { window: 1.5 },
    { window: NaN },
    { refillAt: 0 },
    { window: 5, refillAt: 6 },
  ]) {
    it(`refuses ${JSON.stringify(options)}`, () => {
      expect(() => resolveDemandOptions(options)).to.throw(ConfigurationError, /must be a whole number/);
    });
  }
});
