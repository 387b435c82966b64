import { BEGIN, END, settingTables } from './table.js';

/** The page, with the tables as they are now. */
export function withTables(page: string): string {
  const [before, rest] = page.split(BEGIN);
  const [, after] = (rest ?? '').split(END);
  if (before === undefined || after === undefined) throw new Error(`The page needs the lines ${BEGIN} and ${END}.`);
  return `${before}${BEGIN}\n\n${settingTables()}\n${END}${after}`;
}
