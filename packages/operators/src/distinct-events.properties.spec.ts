import { expect } from 'chai';
import fc from 'fast-check';
import { concat, delay, of, tap } from 'rxjs';
import { changeEvent, delivered, runMarbles } from '@rxforce/core/testing';
import { distinctEvents } from './distinct-events.js';
import { position, working } from '../test/support/told-apart.js';

describe('distinctEvents', () => {
  /** Which of some events pass, by a list of the keys seen last. */
  function byTheBook(keys: readonly string[], size: number): number[] {
    let list: readonly string[] = [];
    return keys.flatMap((key, index) => {
      if (key === '') return [index];
      const isKnown = list.includes(key);
      list = [...list.filter((each) => each !== key), key].slice(-size);
      return isKnown ? [] : [index];
    });
  }

  it('never drops an event that comes for the first time, nor passes on one that it remembers, and settles all', () => {
    const trait = fc.record({ id: fc.constantFrom('', 'p', 'q', 'r'), at: fc.constantFrom('1', '2'), ms: fc.nat(3) });
    fc.assert(
      fc.property(
        fc.array(trait, { maxLength: 60 }),
        fc.integer({ min: 1, max: 8 }),
        fc.nat(5),
        (traits, size, workMs) => {
          runMarbles(({ scheduler, flush }) => {
            const events = traits.map(({ id, at }, index) =>
              changeEvent({ id, replayId: position(at), sequenceNumber: index }),
            );
            const keys = traits.map(({ id, at }) => (id === '' ? '' : id + at));
            const spaced = events.map((event, index) => of(event).pipe(delay(traits[index]!.ms, scheduler)));
            const source = delivered(concat(...spaced), scheduler);
            const passed: number[] = [];
            source.values
              .pipe(
                distinctEvents({ size }),
                tap(({ header }) => passed.push(header.sequenceNumber)),
                working(workMs),
              )
              .subscribe();
            flush();

            expect(passed).to.deep.equal(byTheBook(keys, size));
            expect(passed).to.include.members(keys.map((key) => keys.indexOf(key)));
            expect(source.settled.map(({ value }) => value)).to.have.members(events);
            expect(source.settled).to.have.length(events.length);
          });
        },
      ),
      { numRuns: 300 },
    );
  });
});
