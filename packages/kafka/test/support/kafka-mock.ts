import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { Kafka, logLevel } from 'kafkajs';
import { stopped } from '../../../../test/support/stopped-process.js';
import { kcatBinary } from './kcat-binary.js';

export { until } from '../../../../test/support/until.js';

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
    if (signal === 'SIGSTOP' && this.child.pid !== undefined) await stopped(this.child.pid);
  }
}
