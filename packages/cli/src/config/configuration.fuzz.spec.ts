import { expect } from 'chai';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { parseConfiguration } from './configuration.js';
import { lineOf } from './place.js';
import { plainSchema, type JsonSchema } from './json-schema.js';

const SECRET = 'hunter2-correct-horse';
const RUNS = Number(process.env.RXFORCE_FUZZ_RUNS ?? 400);
const SEED = Number(process.env.RXFORCE_SEED ?? 1);

/** The names of all settings, at any depth. */
const NAMES = [...new Set(namesIn(plainSchema()))];

function namesIn(schema: JsonSchema): string[] {
  const { properties = {}, items, additionalProperties, anyOf = [], oneOf = [] } = schema;
  const own = Object.entries(properties).flatMap(([name, inner]) => [name, ...namesIn(inner)]);
  const more = [items, additionalProperties, ...anyOf, ...oneOf].filter((each) => typeof each === 'object');
  return [...own, ...more.flatMap(namesIn)];
}

/** Problems as text; an empty text where there are none. It throws only where the reader does. */
const problemsOf = (text: string) => {
  const environment = { TOKEN: SECRET, NUMBER: '5', RXFORCE_SALESFORCE__PASSWORD: SECRET };
  const loaded = parseConfiguration(text, { file: 'config.yaml', environment });
  return loaded.err ? loaded.val.map(lineOf).join('\n') : '';
};

const scalar = fc.oneof(
  fc.constantFrom<unknown>(
    SECRET,
    '${TOKEN}',
    'x${TOKEN}',
    '${NUMBER}',
    '${',
    '${file:/none}',
    '',
    'jwt',
    'webhook',
    'true',
  ),
  fc.constantFrom<unknown>(
    null,
    true,
    0,
    -1,
    1.5,
    1e99,
    'latest',
    'Account',
    '/event/A__e',
    'json',
    '%(message)s',
    '(',
  ),
  fc.string({ maxLength: 8 }),
);
const name = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(...NAMES) },
  fc.constantFrom('__proto__', 'constructor', 'toString', 'length', '', '0', 'a.b', '${TOKEN}', '<<'),
);
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'medium' },
    scalar,
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(name, tie('value'), { maxKeys: 5 }),
  ),
}));
/** Settings at their places, with values of any kind. */
const configuration = fc.dictionary(
  fc.oneof({ weight: 8, arbitrary: fc.constantFrom(...Object.keys(plainSchema().properties ?? {})) }, name),
  value,
  { maxKeys: 8 },
);

const WHOLE = `salesforce: { client_id: app, client_secret: "\${TOKEN}", login_url: 'https://a' }
topics:
  - Account
  - { topic: Lead, where: { A: { in: [1, "\${TOKEN}"] } }, sink: hook, snapshot: true }
sinks: { hook: { type: webhook, url: "https://u:\${TOKEN}@h", headers: { a: &x "\${TOKEN}" }, batch: { size: 5 } } }
redis: { url: "redis://:\${TOKEN}@h", lease: true }
logging: { level: DEBUG, format: '%(message)s' }
`;
const edit = fc.record({
  at: fc.nat(WHOLE.length),
  removed: fc.nat(6),
  put: fc.oneof(
    fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      ':',
      '\n',
      '- ',
      '"',
      '*x',
      '&x ',
      '!!binary ',
      '#',
      '|',
      '\t',
      '${',
      '\u0000',
      '? ',
      '<<: *x',
    ),
    fc.string({ maxLength: 3 }),
  ),
});

describe('parseConfiguration, with anything', () => {
  const check = (text: string) => {
    const problems = problemsOf(text);
    // The name of a topic is no secret, and a problem with it says the name.
    const others = problems.split('\n').filter((line) => !/ topics\[\d+\]\.topic: /.test(line));
    expect(others.join('\n')).not.to.include(SECRET);
    return problems;
  };

  it('does not throw, and says no secret, when values of any kind are at any place', () => {
    let wrong = 0;
    const property = fc.property(configuration, (given) => {
      if (check(stringify(given)) !== '') wrong += 1;
    });
    fc.assert(property, { numRuns: RUNS, seed: SEED });
    // Else it would show nothing.
    expect(wrong).to.be.greaterThan(RUNS / 2);
  });

  it('does not throw, and says no secret, when the text of a file is damaged', () => {
    expect(problemsOf(WHOLE)).to.equal('');
    let wrong = 0;
    const property = fc.property(fc.array(edit, { minLength: 1, maxLength: 4 }), (edits) => {
      const text = edits.reduce((all, { at, removed, put }) => all.slice(0, at) + put + all.slice(at + removed), WHOLE);
      if (check(text) !== '') wrong += 1;
    });
    fc.assert(property, { numRuns: RUNS, seed: SEED });
    expect(wrong).to.be.greaterThan(RUNS / 4);
  });
});
