import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startEmulator, type Emulator, type EmulatorOptions } from '@rxforce/emulator';
import { environmentOf, RunningCommand, rxforceHere, type Ended, type Start } from './rxforce.js';

/** Inside of the project, so that modules find libraries. */
const CACHE = fileURLToPath(new URL('../../../../node_modules/.cache', import.meta.url));

/** A folder with files, an emulator, and the commands that were started in it. */
export class Workplace {
  private readonly commands: RunningCommand[] = [];

  private constructor(
    readonly emulator: Emulator,
    readonly folder: string,
  ) {}

  static async open(options: EmulatorOptions = {}): Promise<Workplace> {
    mkdirSync(CACHE, { recursive: true });
    return new Workplace(
      await startEmulator({ seed: 1, tls: false, ...options }),
      mkdtempSync(join(CACHE, 'rxforce-cli-')),
    );
  }

  /** Writes a file, and gives its path. */
  file(name: string, text: string): string {
    const path = join(this.folder, name);
    writeFileSync(path, text);
    return path;
  }

  /** Starts a command as a process, with the folder as its directory. */
  start(args: readonly string[], environment: Start['environment'] = {}, input = ''): RunningCommand {
    const command = new RunningCommand(args, {
      environment: { ...environmentOf(this.emulator), ...environment },
      cwd: this.folder,
      input,
    });
    this.commands.push(command);
    return command;
  }

  /** Starts a command with a pipe behind it, in a shell. It ends with the exit code of the command. */
  pipe(args: readonly string[], reader: string): RunningCommand {
    const command = new RunningCommand(args, {
      ...{ environment: environmentOf(this.emulator), cwd: this.folder, reader },
    });
    this.commands.push(command);
    return command;
  }

  /** Starts a command whose standard output goes to a file, such as `/dev/full`. */
  startInto(into: string, args: readonly string[]): RunningCommand {
    const command = new RunningCommand(args, {
      ...{ environment: environmentOf(this.emulator), cwd: this.folder, into },
    });
    this.commands.push(command);
    return command;
  }

  /** Runs a command in this process. Paths in it must be whole ones. */
  here(args: readonly string[], environment: Start['environment'] = {}, input = ''): Promise<Ended> {
    return rxforceHere(args, { environment: { ...environmentOf(this.emulator), ...environment }, input });
  }

  async close(): Promise<void> {
    await Promise.all(this.commands.map((command) => command.kill('SIGKILL')));
    await this.emulator.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
