import { expect } from 'chai';
import { textsOf } from './soap-reader.js';

describe('textsOf', () => {
  it('gives the texts of all elements that hold nothing else, by their names without prefix', () => {
    const xml = `<?xml version="1.0"?><!-- - --><e:Envelope xmlns:e="urn:e"><e:a x='>'>1 &amp; &#65;</e:a><b/>
      <c><![CDATA[<2>]]>3</c></e:Envelope>`;
    expect([...textsOf(xml)!]).to.deep.equal([
      ['a', '1 & A'],
      ['b', ''],
      ['c', '<2>3'],
    ]);
  });

  it('gives the first text of a name, when there are several', () => {
    expect(textsOf('<r><a>1</a><a>2</a></r>')?.get('a')).to.equal('1');
  });

  const refused: readonly (readonly [string, string])[] = [
    ['nothing', ''],
    ['text alone', 'hello'],
    ['an element without an end', '<a><b>1</b>'],
    ['ends that cross', '<a><b>1</a></b>'],
    ['an attribute without quotes', '<a b=c/>'],
    ['an entity that XML does not have', '<a>&lol;</a>'],
    ['a document type', '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'],
    ['a document type of a file', '<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>'],
    ['longer than a login can be', `<a>${'x'.repeat(1024 * 1024)}</a>`],
  ];
  for (const [what, xml] of refused) {
    it(`gives nothing, when it is ${what}`, () => {
      expect(textsOf(xml)).to.equal(undefined);
    });
  }

  const repeated: readonly (readonly [string, (times: number) => string])[] = [
    ['elements that do not end', (times) => '<a>x'.repeat(times)],
    ['elements in elements', (times) => `${'<a>'.repeat(times)}x${'</a>'.repeat(times)}`],
    ['tags that do not end', (times) => '<a '.repeat(times)],
    ['spaces in a tag', (times) => `<a${' '.repeat(times)}`],
    ['attributes', (times) => `<a${Array.from({ length: times }, (_, index) => ` b${index}=""`).join('')}>x</a>`],
    ['comments that do not end', (times) => `<a>${'<!--'.repeat(times)}`],
    ['ends of other names', (times) => '<a></b>'.repeat(times)],
    ['references without an end', (times) => `<a>${'&a'.repeat(times)}</a>`],
  ];
  for (const [what, make] of repeated) {
    // Would take hours, were the time that of the square of the length. The runner's time limit ends it.
    it(`takes no longer than the message is long, when it is all ${what}`, () => {
      const xml = make(60_000);
      const texts = textsOf(xml);
      expect(texts === undefined || texts.get('a') === 'x').to.equal(true);
    });
  }
});
