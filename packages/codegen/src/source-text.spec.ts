import { expect } from 'chai';
import fc from 'fast-check';
import * as prettier from 'prettier';
import ts from 'typescript';
import { docComment, propertyKey, stringLiteral, withUnion } from './source-text.js';

const text = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: fc.constantFrom("'", '"', '\\', '\n', '\r', '\u2028', '*', '/', '`', '$', '\ud800', 'ü', '東') }),
);

describe('stringLiteral', () => {
  it('is read as the text that it was made of', () => {
    fc.assert(
      fc.property(text, (value) => {
        const { statements } = parse(`${stringLiteral(value)};`);
        const [statement] = statements;
        const literal = (statement as ts.ExpressionStatement).expression;
        expect(ts.isStringLiteral(literal) && literal.text).to.equal(value);
        expect(statements).to.have.length(1);
      }),
    );
  });

  it('takes the quotes that need fewer escapes', () => {
    expect(stringLiteral('plain')).to.equal("'plain'");
    expect(stringLiteral("O'Brien")).to.equal('"O\'Brien"');
    expect(stringLiteral(`5'11"`)).to.equal(`'5\\'11"'`);
    expect(stringLiteral('back\\slash "quoted"')).to.equal(`'back\\\\slash "quoted"'`);
  });
});

describe('propertyKey', () => {
  it('quotes what is no identifier', () => {
    expect(['Name', 'a.b', '1st', '__proto__', ''].map(propertyKey)).to.deep.equal([
      'Name',
      "'a.b'",
      "'1st'",
      '__proto__',
      "''",
    ]);
  });
});

describe('docComment', () => {
  it('ends where it is meant to, whatever is in it', () => {
    fc.assert(
      fc.property(fc.array(text, { minLength: 1 }), (lines) => {
        const source = `${docComment(lines)}const end = 1;`;
        const file = parse(source);
        expect(file.statements).to.have.length(1);
        expect(file.statements[0]?.getText(file)).to.equal('const end = 1;');
      }),
    );
  });

  it('keeps the end of a comment readable', () => {
    expect(docComment(['a */ b'])).to.equal('/** a *\\/ b */\n');
  });

  it('has no tags: a text that begins with one says nothing to compilers', () => {
    expect(docComment(['@internal'])).to.equal('/** \\@internal */\n');
  });
});

describe('withUnion', function () {
  this.timeout(180_000);

  const member = fc.oneof(
    fc.constantFrom('null', 'string', 'number', "PickList<'Account.Industry'>", '(string & {})'),
    fc.string({ unit: fc.constantFrom('a', "'", '東', 'é', '🚀', ' '), maxLength: 50 }).map(stringLiteral),
  );

  const name = fc.string({ unit: fc.constantFrom('a', 'B', '_'), minLength: 1, maxLength: 80 });

  it('breaks lines where the formatter would', async () => {
    await fc.assert(
      fc.asyncProperty(name, fc.uniqueArray(member, { minLength: 2, maxLength: 8 }), async (long, members) => {
        const inside = withUnion(`${long}:`, members, '  ');
        const source = `interface A {\n${inside}}\n${withUnion(`export type ${long} =`, members)}`;
        const formatted = await prettier.format(source, { parser: 'typescript', printWidth: 120, singleQuote: true });
        expect(formatted).to.equal(source);
      }),
    );
  });
});

function parse(source: string): ts.SourceFile {
  const file = ts.createSourceFile('a.ts', source, ts.ScriptTarget.ES2022, true);
  expect((file as unknown as { parseDiagnostics: unknown[] }).parseDiagnostics).to.deep.equal([]);
  return file;
}
