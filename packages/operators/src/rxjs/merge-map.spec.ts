import { expect } from 'chai';
import { from, Subject } from 'rxjs';
import { concatMap } from './concat-map.js';

describe('mergeMap', () => {
  it('does not begin work whose lease is lost meanwhile, and gives its event up', () => {
    const told: string[] = [];
    let isLost = false;
    const event = (name: string) => {
      const tell = (what: string) => () => void told.push(`${what} ${name}`);
      const hold = () => ({
        ...{ state: () => 'open', isLost: () => isLost, release: tell('release'), abandon: tell('abandon') },
        ...{ emit: () => undefined, onPressure: () => undefined, delivery: () => undefined },
      });
      const delivery = { ended: () => false, covers: () => false, isBeside: () => false, hold };
      return { name, [Symbol.for('@rxforce/core/delivery/3')]: delivery };
    };
    const ends = new Subject<never>();
    const project = ({ name }: { readonly name: string }) => {
      told.push(`begin ${name}`);
      return ends;
    };
    const subscription = from(['a', 'b'].map(event)).pipe(concatMap(project)).subscribe();
    isLost = true;
    ends.complete();
    subscription.unsubscribe();
    expect(told).to.deep.equal(['begin a', 'release a', 'abandon b']);
  });
});
