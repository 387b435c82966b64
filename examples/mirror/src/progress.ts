const WIDTH = 30;

/** A bar of progress on one line of a terminal; elsewhere, a line for each quarter. */
export class Progress {
  private quarter = 0;

  /** @param say - Prints a line. */
  constructor(
    private readonly title: string,
    private readonly say: (text: string) => void,
  ) {}

  /** @param of - How many there are, where that is known. */
  show(done: number, of: number | undefined): void {
    const share = of === undefined || of === 0 ? 0 : Math.min(1, done / of);
    const counts = `${done.toLocaleString('en')}${of === undefined ? '' : ` of ${of.toLocaleString('en')}`}`;
    if (process.stdout.isTTY) {
      const filled = Math.round(share * WIDTH);
      process.stdout.write(`\r${this.title} [${'#'.repeat(filled)}${'.'.repeat(WIDTH - filled)}] ${counts} `);
      return;
    }
    const quarter = Math.floor(share * 4);
    if (quarter > this.quarter) this.say(`${this.title}: ${counts}`);
    this.quarter = quarter;
  }

  /** Leaves the line. */
  end(): void {
    if (process.stdout.isTTY) process.stdout.write('\n');
    this.quarter = 0;
  }
}
