import { appendFileSync } from 'node:fs';
import { PositionInUseError } from '../../src/model/errors.js';
import { fileReplayStore } from '../../src/stores/file-replay-store.js';
import { countOf, positionOf, SHARED_KEY, type ReplayReport, type ReplayTask } from './replay-process.js';

const task = JSON.parse(process.argv[2] ?? '') as ReplayTask;
const store = fileReplayStore(task.directory);
const lock = () => store.lock!(SHARED_KEY);
const load = async () => countOf(await store.load(SHARED_KEY));
const save = (count: number) => store.save(SHARED_KEY, positionOf(count));
const report = (message: ReplayReport) => process.send!(message);

switch (task.type) {
  case 'save':
    await lock();
    for (let count = (await load()) + 1; ; count++) {
      await save(count);
      report({ type: 'saved', count });
    }
  case 'hold':
    try {
      const locked = await lock();
      process.once('message', () => void locked.release().then(() => process.disconnect()));
      report({ type: 'locked' });
    } catch (error) {
      if (!PositionInUseError.is(error)) throw error;
      report({ type: 'refused', code: error.code, message: error.message });
      process.disconnect();
    }
    break;
  case 'race':
    for (let done = 0; done < task.rounds;) {
      const locked = await lock().catch((error: unknown) => {
        if (!PositionInUseError.is(error)) throw error;
      });
      if (!locked) continue;
      appendFileSync(task.log, `enter ${process.pid}\n`);
      await save((await load()) + 1);
      appendFileSync(task.log, `leave ${process.pid}\n`);
      await locked.release();
      done++;
    }
    process.disconnect();
    break;
  default:
    throw new Error(`There is no such task: ${JSON.stringify(task satisfies never)}`);
}
