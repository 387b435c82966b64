import { expect } from 'chai';
import { VirtualTimeScheduler } from 'rxjs';
import { DropWarnings } from './drop-warnings.js';

const topic = '/data/AccountChangeEvent';

describe('DropWarnings', () => {
  const setUp = () => {
    const said: string[] = [];
    const scheduler = new VirtualTimeScheduler();
    const warnings = new DropWarnings({ warn: (message) => void said.push(message) }, scheduler);
    const add = (partition: number, group?: string) => warnings.add({ topic, partition, group, entries: 10 });
    return { said, add, pass: (ms: number) => void (scheduler.frame += ms) };
  };

  it('warns at once, with the topic, a partition and the group', () => {
    const { said, add } = setUp();
    add(3, 'sync');
    expect(said).to.have.length(1);
    expect(said[0]).to.match(/^\/data\/AccountChangeEvent: the log drops entries that the group "sync"/);
    expect(said[0]).to.match(/"sync" has not read, such as of partition 3\. .*position invalid/);
  });

  it('says that no group has a position, where that is so', () => {
    const { said, add } = setUp();
    add(0);
    expect(said[0]).to.match(
      /that no group has read, such as of partition 0\. No group has a position.*Start the workers/,
    );
  });

  it('reminds while it lasts, each time after a pause that is twice as long, and counts what came between', () => {
    const { said, add, pass } = setUp();
    const times: number[] = [];
    for (let minute = 0; minute <= 31; minute++) {
      add(minute % 4, 'sync');
      if (said.length > times.length) times.push(minute);
      pass(30_000);
      add(5, 'sync');
      pass(30_000);
    }
    expect(times).to.deep.equal([0, 1, 3, 7, 15, 31]);
    expect(said[1]).to.match(/has dropped 20 more entries that the group "sync" has not read, of 2 partitions/);
    expect(said[2]).to.match(/has dropped 40 more entries .* of 3 partitions/);
  });

  it('reminds at least once an hour', () => {
    const { said, add, pass } = setUp();
    for (let minute = 0; minute < 24 * 60; minute++, pass(60_000)) add(0, 'sync');
    const { length } = said;
    for (let minute = 0; minute < 60; minute++, pass(60_000)) add(0, 'sync');
    expect(said.length).to.equal(length + 1);
  });

  it('tells groups apart', () => {
    const { said, add } = setUp();
    add(0, 'sync');
    add(0, 'audit');
    add(0, 'sync');
    expect(said.map((line) => /"\w+"/.exec(line)?.[0])).to.deep.equal(['"sync"', '"audit"']);
  });
});
