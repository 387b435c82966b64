/** A page whose rows are delivered. */
export interface PageInWork {
  /** A row was delivered. */
  delivered(): void;
  /** A row was settled. */
  settled(): void;
  /** All of its rows were delivered. */
  complete(): void;
  /** Whether another replica reads its rows by now. */
  readonly isLost: () => boolean;
}

interface OpenPage {
  readonly cursor: string;
  readonly rows: number;
  unsettled: number;
  isComplete: boolean;
}

/**
 * The pages whose rows are not settled yet, in the order of reading. A cursor may be saved only when everything before
 * it is settled.
 */
export class PagesInWork {
  private readonly pages: OpenPage[] = [];
  private waiting: (() => void)[] = [];

  /**
   * @param passed - Everything up to this cursor is settled. Called with the number of rows that this added.
   * @param isLost - Whether another replica reads by now.
   */
  constructor(
    private readonly passed: (cursor: string, rows: number) => void,
    private readonly isLost: () => boolean = () => false,
  ) {}

  /**
   * A page was read.
   *
   * @param cursor - The place after it.
   */
  open(cursor: string, rows: number): PageInWork {
    const page: OpenPage = { cursor, rows, unsettled: 0, isComplete: false };
    this.pages.push(page);
    const { isLost } = this;
    return {
      isLost,
      delivered: () => {
        page.unsettled++;
      },
      settled: () => {
        page.unsettled--;
        this.look();
      },
      complete: () => {
        page.isComplete = true;
        this.look();
      },
    };
  }

  /** Resolves once all rows that were delivered are settled. */
  allSettled(): Promise<void> {
    return new Promise((resolve) => {
      this.waiting.push(resolve);
      this.look();
    });
  }

  private look(): void {
    let last: OpenPage | undefined;
    let rows = 0;
    for (let page = this.pages[0]; page?.isComplete && page.unsettled === 0; page = this.pages[0]) {
      this.pages.shift();
      last = page;
      rows += page.rows;
    }
    if (last) this.passed(last.cursor, rows);
    if (this.pages.length > 0) return;
    const { waiting } = this;
    this.waiting = [];
    waiting.forEach((resolve) => resolve());
  }
}
