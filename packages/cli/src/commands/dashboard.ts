import type { Context } from '../command/context.js';
import { EXIT } from '../command/exit-codes.js';
import { boardOf } from '../dashboard/board.js';
import { ROWS } from '../dashboard/panels.js';

/** `rxforce dashboard`: the board for Grafana, as it is imported. */
export async function dashboard(context: Context): Promise<number> {
  await context.print(`${JSON.stringify(boardOf(ROWS), null, 2)}\n`);
  return EXIT.done;
}
