import { expect } from 'chai';
import { seedOf } from '../../../core/test/fault/support/seeded.js';
import { Lives, type Ended } from './support/unread/lives.js';
import { PIPELINES, UNSEEN, WITH_TWINS } from './support/unread/pipelines/index.js';

/** Only those whose names begin so: `RXFORCE_PIPELINE='concatMap(save)'`. `RXFORCE_VERBOSE=1` prints how each ended. */
const { RXFORCE_PIPELINE: only, RXFORCE_VERBOSE: verbose } = process.env;
const NAMES = [...PIPELINES.keys()].filter((name) => only === undefined || name.startsWith(only));
/** So many share a process, which takes its time to start. */
const TOGETHER = 63;
/** So many processes run at a time. */
const PROCESSES = 2;

describe('pipelines of people who read nothing', function () {
  this.timeout(600_000);
  const seed = seedOf(20_261_130);
  const because = (name: string) => `RXFORCE_SEED=${seed} RXFORCE_PIPELINE='${name}'`;
  const ended = new Map<string, Ended>();

  before('are killed again and again, and then come to an end', async () => {
    const groups = Math.ceil(NAMES.length / TOGETHER);
    const todo = Array.from({ length: groups }, (_, group) => NAMES.filter((_name, index) => index % groups === group));
    const work = async () => {
      for (let names = todo.pop(); names !== undefined; names = todo.pop()) {
        for (const [name, end] of await Lives.run(names, seed + todo.length)) ended.set(name, end);
      }
    };
    await Promise.all(Array.from({ length: PROCESSES }, work));
  });

  after(() => report(ended));

  for (const name of NAMES.filter((each) => !UNSEEN.includes(each))) {
    it(`lose nothing, and are told what is wrong: ${name}`, () => {
      const { verdict, lost, of, said, stops } = ended.get(name)!;
      const what = `${because(name)}: ${verdict}, ${lost} of ${of}; ${said.join('; ') || 'nothing was said'}`;
      expect(verdict, what).to.be.oneOf(['works', 'warned', 'stops', 'ends', 'waits']);
      // With twins, what is left is that nobody works, or an error of the pipeline's own.
      if (WITH_TWINS.includes(name)) expect(['unheld', 'Error'], what).to.include.members(stops);
    });
  }

  it('lose events only where that cannot be seen while they run', () => {
    const losers = [...ended].filter(([, { lost }]) => lost > 0).map(([name]) => name);
    expect(UNSEEN, `RXFORCE_SEED=${seed}`).to.include.members(losers);
  });
});

function report(ended: ReadonlyMap<string, Ended>): void {
  const counts = new Map<string, number>();
  for (const { verdict } of ended.values()) counts.set(verdict, (counts.get(verdict) ?? 0) + 1);
  const figures = [...counts].map(([verdict, count]) => `${count} ${verdict}`).join(', ');
  const [lost, of] = [...ended.values()].reduce(([a, b], each) => [a + each.lost, b + each.of], [0, 0]);
  console.log(`    ${ended.size} pipelines: ${figures}; ${lost} of ${of} events lost`);
  if (verbose === undefined) return;
  for (const [name, { verdict, lost: own, said, stops }] of ended) {
    console.log(
      `    ${verdict}${own ? ` ${own}` : ''} | ${name} | ${stops.join(' ')} | ${said.join(' / ').slice(0, 300)}`,
    );
  }
}
