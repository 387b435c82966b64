import { expect } from 'chai';
import { delay } from 'rxjs';
import { pipelineSuite } from '../../test/support/pipeline-suite.js';
import { range, work } from '../../test/support/held-work.js';

describe('The place of a pipeline in the error that it settles early', () => {
  const { pipeline } = pipelineSuite();
  const { stackTraceLimit } = Error;
  afterEach(() => (Error.stackTraceLimit = stackTraceLimit));

  const messageOf = async () => {
    const { errors, get } = pipeline((events$, { time }) => events$.pipe(delay(10, time), work(time, 1)));
    await get(range(4));
    return String(errors[0]);
  };

  it('is the line of its pipe()', async () => {
    expect(await messageOf())
      .to.include('(its pipe() is at ')
      .and.include('settlement-watch.place.spec.ts:');
  });

  it('is left out, when the process wants errors without stacks', async () => {
    Error.stackTraceLimit = 0;
    expect(await messageOf())
      .to.include('keeps events past their settlement')
      .and.not.include('its pipe() is at');
  });
});
