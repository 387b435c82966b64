import { malformed, type SoqlError } from './soql-error.js';
import type { Token } from './tokens.js';

/** Clauses and operators of SOQL that the emulator does not imitate. */
const NOT_IMITATED = new Set('WITH USING TYPEOF FOR UPDATE DISTANCE ROLLUP CUBE'.split(' '));

/** Reads tokens from left to right, one ahead. */
export class TokenReader {
  private next = 0;

  /** @param tokens - The tokens; the last one is the end. */
  constructor(private readonly tokens: readonly Token[]) {}

  /** The next token. After the end, the end comes again. */
  get peek(): Token {
    return this.ahead(0);
  }

  /** The token after the next one. */
  get peekFurther(): Token {
    return this.ahead(1);
  }

  /** Takes the next token. */
  take(): Token {
    const token = this.peek;
    this.next++;
    return token;
  }

  /** Whether the next token is this keyword. */
  isWord(word: string): boolean {
    const { type, text } = this.peek;
    return type === 'word' && text.toUpperCase() === word;
  }

  /** Takes this keyword if it is next, and returns whether it was. */
  skipWord(word: string): boolean {
    const comes = this.isWord(word);
    if (comes) this.take();
    return comes;
  }

  /** Takes this symbol if it is next, and returns whether it was. */
  skipSymbol(symbol: string): boolean {
    const comes = this.peek.type === 'symbol' && this.peek.text === symbol;
    if (comes) this.take();
    return comes;
  }

  /** Takes this keyword, which must come next. */
  expectWord(word: string): void {
    if (!this.skipWord(word)) throw this.unexpected(word);
  }

  /** Takes this symbol, which must come next. */
  expectSymbol(symbol: string): void {
    if (!this.skipSymbol(symbol)) throw this.unexpected(`'${symbol}'`);
  }

  /** Reads items with commas between them. */
  list<T>(item: () => T): T[] {
    const items = [item()];
    while (this.skipSymbol(',')) {
      items.push(item());
    }
    return items;
  }

  /** Takes a name, which must come next. */
  expectName(): Token {
    if (this.peek.type !== 'word') throw this.unexpected('a name');
    return this.take();
  }

  /** The error of a next token that is not allowed there. */
  unexpected(expected?: string): SoqlError {
    const { text, at } = this.peek;
    if (NOT_IMITATED.has(text.toUpperCase())) {
      return malformed(`unexpected token: '${text}'. The emulator does not imitate ${text.toUpperCase()}.`, at);
    }
    return malformed(
      expected === undefined ? `unexpected token: '${text}'` : `unexpected token: '${text}', expecting ${expected}`,
      at,
    );
  }

  private ahead(distance: number): Token {
    const token = this.tokens[this.next + distance] ?? this.tokens.at(-1);
    if (token === undefined) throw new RangeError('There are no tokens, not even the end.');
    return token;
  }
}
