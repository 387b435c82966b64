import { expect } from 'chai';
import { inVirtualTime } from '../../test/support/in-virtual-time.js';
import { payloadOf as payloadOfThing } from '../../test/support/fake-service.js';
import type { Hold } from './delivery.js';
import { hold } from './hold.js';
import { payloadOf } from './payload-of.js';

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

  it('gives nothing for other values', () => {
    for (const value of [undefined, null, 5, 'text', {}, []]) expect(payloadOf(value)).to.equal(undefined);
  });
});
