import { RestProblem } from './rest-problem.js';

/**
 * Makes a check that no two records of a transaction are the same. All records are looked up before any is changed, so
 * the second one would be changed as if it were untouched, or created twice.
 *
 * @returns A function that passes on an id whose key it has not seen yet, and throws a {@link RestProblem} for others.
 */
export function onlyOnce(): (id: string, key: string) => string {
  const seen = new Set<string>();
  return (id, key) => {
    if (seen.has(key)) throw new RestProblem(400, 'DUPLICATE_VALUE', `duplicate id specified: ${id}`, []);
    seen.add(key);
    return id;
  };
}
