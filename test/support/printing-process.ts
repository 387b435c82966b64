import { spawn, type ChildProcess } from 'node:child_process';
import { bundledProgram, localEnvironment } from './bundled.js';

/** A process of its own that prints a line for each thing that it does. */
export class PrintingProcess {
  /** Resolves when it has ended and all it has printed was read, to its exit code; `null` for one that was killed. */
  readonly ended: Promise<number | null>;
  private readonly child: ChildProcess;
  private printed = '';

  /** @param task - What it is to do: its argument, in JSON. */
  constructor(main: URL, task: object) {
    this.child = spawn(process.execPath, [bundledProgram(main), JSON.stringify(task)], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: localEnvironment(),
    });
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => (this.printed += text));
    this.ended = new Promise((resolve) => this.child.once('close', resolve));
  }

  /** The lines that it has printed. */
  get lines(): readonly string[] {
    return this.printed.split('\n').slice(0, -1);
  }

  /** Resolves when it has printed this many lines. Rejects when it ends before. */
  async hasPrinted(count: number): Promise<void> {
    const ended = this.ended.then((code) => Promise.reject(new Error(`It ended with ${code} and reported no more.`)));
    while (this.lines.length < count) {
      await Promise.race([new Promise((resolve) => this.child.stdout?.once('data', resolve)), ended]);
    }
    ended.catch(() => undefined);
  }

  /** Ends its input. */
  finish(): void {
    this.child.stdin?.end();
  }

  /** Resolves when it was killed. */
  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.ended;
  }
}
