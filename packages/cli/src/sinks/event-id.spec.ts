import { expect } from 'chai';
import { changeEvent } from '@rxforce/core/testing';
import { deadLetterOf } from '@rxforce/dead-letters';
import { distinctEvents } from '@rxforce/operators';
import { from } from 'rxjs';
import { cloudEventOf } from './cloud-event.js';
import { eventIdOf } from './event-id.js';
import { jsonEventOf } from './event-json.js';
import { messageIdOf } from './webhook-signature.js';

/** Two parts of one event: of each partition of a log, the records that it has. */
const whole = changeEvent({ recordIds: ['001000000000001AAA', '001000000000002AAA'] });
const parts = [0, 1].map((partition) => ({ ...whole, split: { partition, of: 2 } }));

describe('The ids of parts of an event', () => {
  for (const [what, idOf] of [
    ['a stream', eventIdOf],
    ['a line of JSON', (event) => jsonEventOf(event).id],
    ['a CloudEvent', (event) => cloudEventOf(event, 'https://x').id],
    ['a webhook', (event) => messageIdOf([event])],
    ['a dead letter', (event) => deadLetterOf(event, new Error('no')).id],
  ] as [string, (event: typeof whole) => unknown][]) {
    it(`are two, for ${what}`, () => {
      expect(new Set([...parts, ...parts].map(idOf)).size).to.equal(2);
    });
  }

  it('are those of the event, where nobody else has a part of it', () => {
    expect(eventIdOf(whole)).to.equal(whole.id);
  });

  it('are two, for distinctEvents()', () => {
    const seen: unknown[] = [];
    from([...parts, ...parts])
      .pipe(distinctEvents())
      .subscribe((event) => seen.push(event));
    expect(seen).to.have.length(2);
  });
});
