import { expect } from 'chai';
import { inVirtualTime } from '../../test/support/in-virtual-time.js';
import { payloadOf as payloadOfThing } from '../../test/support/fake-service.js';
import type { Hold } from './delivery.js';
import { hold } from './hold.js';
import { deliveryOf, payloadOf, readElsewhere } from './delivery-of.js';

describe('payloadOf', () => {
  it('gives the bytes of an event as they came, while the event is held, and not after that', () => {
    inVirtualTime({}, ({ service, events$, at }) => {
      let taken: { readonly event: unknown; readonly held: Hold } | undefined;
      events$.subscribe((event) => (taken = { event: { ...event }, held: hold(event) }));
      at(1, () => service.stream.send('a'));
      at(2, () => {
        expect(payloadOf(taken?.event)).to.deep.equal(payloadOfThing('a'));
        taken?.held.release();
        expect(payloadOf(taken?.event)).to.equal(undefined);
      });
    });
  });

  it('gives nothing for a record that was read in place of an event, nor for its copies', () => {
    inVirtualTime({}, ({ service, events$, at }) => {
      const told: unknown[] = [];
      events$.subscribe((event) => {
        const read = readElsewhere({ ...event, data: { Name: 'read' } });
        told.push(payloadOf(read), payloadOf({ ...read }), deliveryOf(read) === deliveryOf(event));
      });
      at(1, () => service.stream.send('a'));
      at(2, () => expect(told).to.deep.equal([undefined, undefined, true]));
    });
  });

  it('leaves an event without bytes as it is', () => {
    const event = { id: 'made by a test' };
    expect(readElsewhere(event)).to.equal(event);
  });

  it('gives nothing for other values', () => {
    for (const value of [undefined, null, 5, 'text', {}, []]) expect(payloadOf(value)).to.equal(undefined);
  });
});

describe('deliveryOf', () => {
  it('gives the delivery of an event and of its copies, and nothing for other values', () => {
    inVirtualTime({}, ({ service, events$, at }) => {
      const told: unknown[] = [];
      events$.subscribe((event) => {
        const held = hold(event);
        told.push(deliveryOf(event) === held.delivery(), deliveryOf({ ...event }) === held.delivery());
        told.push(deliveryOf(event.data), deliveryOf([event]), deliveryOf(undefined));
        held.release();
      });
      at(1, () => service.stream.send('a'));
      at(2, () => expect(told).to.deep.equal([true, true, undefined, undefined, undefined]));
    });
  });
});
