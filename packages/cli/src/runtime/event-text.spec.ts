import { expect } from 'chai';
import { of, throwError } from 'rxjs';
import type { SinkEvent } from '../sinks/sink.js';
import { eventText } from './event-text.js';

describe('The line of an event', () => {
  const json = JSON.stringify({ fields: [{ name: 'CloseDate', doc: 'Data:DateOnly' }] });
  const data = { CloseDate: Date.UTC(2026, 0, 31) };
  const event = { id: 'a', topic: '/event/Order__e', schemaId: 'schema', data } as unknown as SinkEvent;

  it('has a date as such again, once the schema can be had', async () => {
    const answers = [throwError(() => new Error('away')), of({ id: 'schema', json })];
    let asked = 0;
    const textOf = eventText({ schema: () => answers[asked++]! }, { hasColor: false });
    expect(await textOf(event)).to.include(`CloseDate=${data.CloseDate}`);
    expect(await textOf(event)).to.include('CloseDate=2026-01-31');
    expect(await textOf(event)).to.include('CloseDate=2026-01-31');
    expect(asked).to.equal(2);
  });
});
