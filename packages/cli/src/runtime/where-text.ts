import { ConfigurationError } from '@rxforce/core/model';
import type { Comparisons } from '../config/settings/topics.js';

const OPERATORS: Readonly<Record<string, keyof Comparisons>> = {
  '=': 'equals',
  '!=': 'not_equals',
  '>': 'greater_than',
  '>=': 'greater_or_equal',
  '<': 'less_than',
  '<=': 'less_or_equal',
  contains: 'contains',
};

const CONDITION = /^\s*([\w.]+)\s*(>=|<=|!=|=|>|<|contains\b)\s*(?:'((?:[^'\\]|\\.)*)'|([^\s']\S*))\s*$/i;

/**
 * Reads a condition such as `Amount > 1000 AND StageName = 'Closed Won'`, as `where` of a topic says it.
 *
 * @throws `ConfigurationError` when it is none.
 */
export function whereInText(text: string): Readonly<Record<string, Comparisons>> {
  const where: Record<string, Comparisons> = {};
  for (const part of text.split(/\s+and\s+(?=[\w.]+\s*(?:>=|<=|!=|=|>|<|contains\b))/i)) {
    const [, path = '', operator = '', quoted, plain] = CONDITION.exec(part) ?? [];
    const name = OPERATORS[operator.toLowerCase()];
    if (name === undefined) {
      throw new ConfigurationError(
        '--where needs conditions such as "Amount > 1000 AND StageName = \'Closed Won\'", with =, !=, >, >=, <, <= or contains.',
      );
    }
    where[path] = {
      ...where[path],
      [name]: quoted === undefined ? typed(plain ?? '') : quoted.replace(/\\(.)/g, '$1'),
    };
  }
  return where;
}

function typed(text: string): string | number | boolean | null {
  if (/^-?\d+(\.\d+)?$/.test(text)) return Number(text);
  const words: Readonly<Record<string, boolean | null>> = { true: true, false: false, null: null };
  return text in words ? (words[text] ?? null) : text;
}
