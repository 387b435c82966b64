import { matcherOf } from '../../soql/match-pattern.js';
import type { PatternPart } from '../../soql/ast.js';
import { RestProblem } from '../rest-problem.js';

/** Whether texts of a record have the words of a search. */
export type WordTest = (texts: readonly string[]) => boolean;

/** Fewest characters of words that are searched for. */
const LEAST_CHARACTERS = 2;

/**
 * Makes the test of a search: every word must be in a text of the record; of words joined by OR, one is enough. `*`
 * stands for any characters, `?` for one; words in quotes must be adjacent.
 *
 * @throws {@link RestProblem} when there is too little to search for.
 */
export function wordsOf(search: string): WordTest {
  const words = search.match(/"[^"]*"|[^\s"]+/g) ?? [];
  if (search.replace(/[\s"*?]/g, '').length < LEAST_CHARACTERS) {
    const message = 'search term must be longer than one character';
    throw new RestProblem(400, 'MALFORMED_SEARCH', message);
  }
  const alternatives: WordTest[][] = [[]];
  for (const word of words) {
    if (word === 'OR') alternatives.push([]);
    else if (word !== 'AND') alternatives.at(-1)?.push(testOf(word));
  }
  return (texts) => alternatives.some((tests) => tests.length > 0 && tests.every((test) => test(texts)));
}

function testOf(word: string): WordTest {
  if (word.startsWith('"')) {
    const phrase = word.slice(1, -1).toLowerCase();
    return (texts) => texts.some((text) => text.toLowerCase().includes(phrase));
  }
  const matches = matcherOf(patternOf(word));
  return (texts) => texts.some((text) => [text, ...text.split(/[^\p{L}\p{N}]+/u)].some(matches));
}

function patternOf(word: string): PatternPart[] {
  return (word.match(/[*?]|[^*?]+/g) ?? []).map((part) =>
    part === '*' ? { type: 'any' } : part === '?' ? { type: 'one' } : { type: 'text', text: part },
  );
}
