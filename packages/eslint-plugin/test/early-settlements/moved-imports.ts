import { TWINS_MODULE } from '../../src/operator-names.js';
import { file } from '../support/given.js';
import { told, unfixed } from './given-cases.js';

/** How the fix changes what a file imports. */
export const IMPORTS = [
  {
    name: 'flatMap is mergeMap',
    code: file("import { flatMap } from 'rxjs';", 'kept$.pipe(flatMap(save)).subscribe();'),
    errors: [told('keeps', 'flatMap')],
    output: file(`import { mergeMap as flatMap } from '${TWINS_MODULE}';`, 'kept$.pipe(flatMap(save)).subscribe();'),
  },
  {
    name: 'another name, of rxjs/operators, in the middle',
    code: file("import { map, concatMap as then, tap } from 'rxjs/operators';", 'kept$.pipe(then(save)).subscribe();'),
    errors: [told('keeps', 'concatMap')],
    output: file(
      `import { map, tap } from 'rxjs/operators';\nimport { concatMap as then } from '${TWINS_MODULE}';`,
      'kept$.pipe(then(save)).subscribe();',
    ),
  },
  {
    name: 'an import of the twins that is there',
    code: file(
      `import { bufferTime, filter, delay } from 'rxjs';\nimport { concatMap } from '${TWINS_MODULE}';`,
      'kept$.pipe(delay(10), concatMap(save)).subscribe();',
    ),
    errors: [told('keeps', 'delay')],
    output: file(
      `import { bufferTime, filter } from 'rxjs';\nimport { concatMap, delay } from '${TWINS_MODULE}';`,
      'kept$.pipe(delay(10), concatMap(save)).subscribe();',
    ),
  },
  {
    name: 'the last of an import, into one that is there',
    code: file(
      `import { delay } from 'rxjs';\nimport { concatMap } from '${TWINS_MODULE}';`,
      'kept$.pipe(delay(10), concatMap(save)).subscribe();',
    ),
    errors: [told('keeps', 'delay')],
    output: file(
      `import { concatMap, delay } from '${TWINS_MODULE}';`,
      'kept$.pipe(delay(10), concatMap(save)).subscribe();',
    ),
  },
  {
    name: 'many lines, double quotes, no semicolon',
    code: file(
      'import {\n  bufferTime,\n  concatMap, // one by one\n  type Observable,\n} from "rxjs"',
      'kept$.pipe(concatMap(save)).subscribe();',
    ),
    errors: [told('keeps', 'concatMap')],
    output: file(
      `import {\n  bufferTime,\n  // one by one\n  type Observable,\n} from "rxjs"\nimport { concatMap } from "${TWINS_MODULE}"`,
      'kept$.pipe(concatMap(save)).subscribe();',
    ),
  },
  {
    name: 'several operators, one after the other',
    code: file(
      "import { bufferTime, concatMap, of } from 'rxjs';",
      'kept$.pipe(bufferTime(10), concatMap((es) => save(es))).subscribe();',
    ),
    errors: [told('keeps', 'bufferTime'), told('keeps', 'concatMap')],
    output: [
      file(
        `import { concatMap, of } from 'rxjs';\nimport { bufferTime } from '${TWINS_MODULE}';`,
        'kept$.pipe(bufferTime(10), concatMap((es) => save(es))).subscribe();',
      ),
      file(
        `import { of } from 'rxjs';\nimport { bufferTime, concatMap } from '${TWINS_MODULE}';`,
        'kept$.pipe(bufferTime(10), concatMap((es) => save(es))).subscribe();',
      ),
    ],
  },
  unfixed(
    'a whole module',
    file("import * as rx from 'rxjs';", 'kept$.pipe(rx.concatMap(save)).subscribe();'),
    told('keeps', 'concatMap'),
  ),
];
