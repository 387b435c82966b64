/** What the filter of the events means: conditions such as `type = UPDATE AND Amount > 1000`, or any text. */

const CONDITION = /^\s*([\w.]+)\s*(>=|<=|!=|=|>|<|contains\b)\s*(?:'((?:[^'\\]|\\.)*)'|([^\s']\S*))\s*$/i;
const BETWEEN = /\s+and\s+(?=[\w.]+\s*(?:>=|<=|!=|=|>|<|contains\b))/i;

/** A function that says whether an event fits. A text that is no condition is looked for in the whole event. */
export function eventFilter(text) {
  if (text.trim() === '') return () => true;
  const conditions = text.split(BETWEEN).map(conditionIn);
  if (conditions.every((each) => each !== undefined)) return (event) => conditions.every((fits) => fits(event));
  const wanted = text.trim().toLowerCase();
  return (event) => JSON.stringify(event).toLowerCase().includes(wanted);
}

function conditionIn(text) {
  const [, path, operator, quoted, plain] = CONDITION.exec(text) ?? [];
  if (path === undefined) return undefined;
  const operand = quoted === undefined ? plain : quoted.replace(/\\(.)/g, '$1');
  const isTrue = COMPARISONS[operator.toLowerCase()];
  return (event) => {
    const given = valuesAt(event, path);
    // A record may have several ids, and an event several fields: one of them is enough, except for "not".
    return operator === '!='
      ? given.every((each) => isTrue(each, operand))
      : given.some((each) => isTrue(each, operand));
  };
}

const COMPARISONS = {
  '=': (value, operand) => same(value, operand),
  '!=': (value, operand) => !same(value, operand),
  '>': (value, operand) => compared(value, operand) > 0,
  '>=': (value, operand) => compared(value, operand) >= 0,
  '<': (value, operand) => compared(value, operand) < 0,
  '<=': (value, operand) => compared(value, operand) <= 0,
  contains: (value, operand) => String(value).toLowerCase().includes(operand.toLowerCase()),
};

function same(value, operand) {
  return value === null ? operand === 'null' : String(value).toLowerCase() === operand.toLowerCase();
}

function compared(value, operand) {
  if (value === null) return NaN;
  const numbers = [Number(value), Number(operand)];
  if (numbers.every((each) => !Number.isNaN(each))) return numbers[0] - numbers[1];
  return String(value).localeCompare(operand);
}

/** What an event has at a path: type, entity, record and changed fields by these words, or a field of its record. */
function valuesAt(event, path) {
  const own = {
    type: [event.type],
    entity: [event.entity],
    topic: [event.topic],
    record: event.recordIds,
    changed: event.changedFields,
    bytes: [event.bytes],
  };
  if (Object.hasOwn(own, path)) return own[path];
  const value = path.split('.').reduce((at, name) => at?.[name], event.values);
  return value === undefined ? [] : [value];
}

/** The event as code for a test. */
export function fixtureOf({ topic, type, entity, recordIds, changedFields, committedAt, values = {} }) {
  if (type === 'EVENT') return `platformEvent(${quoted(topic)}, ${code(values)})`;
  const fields = {
    entityName: entity,
    changeType: type,
    recordIds,
    ...(changedFields.length > 0 && { changedFields }),
    ...(committedAt !== null && { commitTimestamp: committedAt }),
    data: values,
  };
  return `changeEvent(${code(fields)})`;
}

function code(value, indent = '') {
  if (Array.isArray(value)) return `[${value.map((each) => code(each, indent)).join(', ')}]`;
  if (typeof value === 'string') return quoted(value);
  if (typeof value !== 'object' || value === null) return String(value);
  const inner = `${indent}  `;
  const lines = Object.entries(value).map(([name, each]) => {
    const key = /^[A-Za-z_]\w*$/.test(name) ? name : quoted(name);
    return `${inner}${key}: ${code(each, inner)},\n`;
  });
  return lines.length === 0 ? '{}' : `{\n${lines.join('')}${indent}}`;
}

function quoted(text) {
  return `'${JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;
}
