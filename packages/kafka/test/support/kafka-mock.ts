import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import { Kafka, logLevel } from 'kafkajs';
import { kcatBinary } from './kcat-binary.js';

/** How often a condition is looked at, in milliseconds. */
const ASK_INTERVAL_MS = 10;
/** How many partitions each topic of the mock has, which makes them when they are asked for. */
export const PARTITIONS = 4;

/**
 * The mock of a Kafka cluster, with one broker on a free port of the loopback interface. It keeps at most 5 MB of a
 * partition. It knows no transactions, and makes topics by itself.
 */
export class KafkaMock {
  private constructor(
    private readonly child: ChildProcess,
    private readonly ended: Promise<unknown>,
    /** Where its broker answers. */
    readonly broker: string,
  ) {}

  /** Starts one, and resolves once it answers. It ends with this process, as it then reads the end of its input. */
  static async start(): Promise<KafkaMock> {
    const args = ['-X', 'test.mock.num.brokers=1', '-d', 'mock', '-b', 'replaced', '-P', '-t', 'none'];
    const child = spawn(await kcatBinary(), args, { stdio: ['pipe', 'ignore', 'pipe'] });
    const ended = once(child, 'close');
    const broker = await new Promise<string>((resolve, reject) => {
      let said = '';
      child.stderr.on('data', (text: Buffer) => {
        if (said.length < 10_000) said += text.toString();
        const address = /bootstrap\.servers=(127\.0\.0\.1:\d+)/.exec(said)?.[1];
        if (address !== undefined) resolve(address);
      });
      child.once('error', reject);
      void ended.then(() => reject(new Error(`kcat ended at its start: ${said}`)));
    });
    return new KafkaMock(child, ended, broker);
  }

  /** A client of it. It tells nothing, as the tests let it fail. */
  client(): Kafka {
    const { broker } = this;
    return new Kafka({ clientId: 'test', brokers: [broker], logLevel: logLevel.NOTHING });
  }

  /** Sends it a signal, and resolves once one that ends it has ended it. */
  async kill(signal: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT' = 'SIGKILL'): Promise<void> {
    this.child.kill(signal);
    if (signal === 'SIGKILL') await this.ended;
    if (signal === 'SIGSTOP') await this.stopped();
  }

  /** On a busy machine its threads run for a while. */
  private async stopped(): Promise<void> {
    await until(async () => (await threadStates(this.child.pid)).every((each) => each === 'T'));
  }
}

/** What each thread of a process does, by the letters of proc(5). */
async function threadStates(pid = 0): Promise<readonly string[]> {
  const tasks = `/proc/${pid}/task`;
  const stats = (await readdir(tasks)).map((task) => readFile(`${tasks}/${task}/stat`, 'utf8'));
  return (await Promise.all(stats)).map((stat) => /\) (\w)/.exec(stat)?.[1] ?? '');
}

/** A condition that other processes bring about: looked at until it holds. */
export async function until(condition: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await condition())) await setTimeout(ASK_INTERVAL_MS);
}
