import { appendFileSync } from 'node:fs';
import { fileReplayStore } from '../../src/stores/file-replay-store.js';
import { countOf, positionOf, SHARED_KEY, type ReplayReport, type ReplayTask } from './replay-process.js';

const task = JSON.parse(process.argv[2] ?? '') as ReplayTask;
const store = fileReplayStore(task.directory);
const lock = () => store.lock!(SHARED_KEY);
const load = async () => countOf((await store.load(SHARED_KEY)).unwrap());
const save = async (count: number) => (await store.save(SHARED_KEY, positionOf(count))).unwrap();
const report = (message: ReplayReport) => process.send!(message);

switch (task.type) {
  case 'save':
    (await lock()).unwrap();
    for (let count = (await load()) + 1; ; count++) {
      await save(count);
      report({ type: 'saved', count });
    }
  case 'hold': {
    const locked = await lock();
    if (locked.err) {
      report({ type: 'refused', code: locked.val.code, message: locked.val.message });
      process.disconnect();
      break;
    }
    process.once('message', () => void locked.val.release().then(() => process.disconnect()));
    report({ type: 'locked' });
    break;
  }
  case 'race':
    for (let done = 0; done < task.rounds;) {
      const locked = await lock();
      if (locked.err) {
        if (locked.val.code !== 'position-in-use') throw locked.val;
        continue;
      }
      appendFileSync(task.log, `enter ${process.pid}\n`);
      await save((await load()) + 1);
      appendFileSync(task.log, `leave ${process.pid}\n`);
      await locked.val.release();
      done++;
    }
    process.disconnect();
    break;
  default:
    throw new Error(`There is no such task: ${JSON.stringify(task satisfies never)}`);
}
