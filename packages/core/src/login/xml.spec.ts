import { expect } from 'chai';
import { escapeXml, textsIn } from './xml.js';

describe('textsIn', () => {
  it('reads the texts of elements by name, whatever their prefix and attributes', () => {
    const xml = `<?xml version="1.0"?><!-- - --><e:Envelope xmlns:e="urn:e" a='>'>
      <e:Body><sf:code xsi:type="x">A</sf:code><nil xsi:nil="true"/><b></b></e:Body></e:Envelope>`;
    expect([...textsIn(xml)!]).to.deep.equal([
      ['code', 'A'],
      ['nil', ''],
      ['b', ''],
    ]);
  });

  it('decodes entities and takes CDATA as it is', () => {
    expect(textsIn('<a>&lt;&amp;&#65;&#x42;&quot;&apos;&gt;&none;&#x110000;<![CDATA[<&lt;>]]></a>')?.get('a')).to.equal(
      `<&AB"'>&none;&#x110000;<&lt;>`,
    );
  });

  it('takes the first of several elements of one name', () => {
    expect(textsIn('<r><id>1</id><u><id>2</id></u></r>')?.get('id')).to.equal('1');
  });

  it('reads back what was escaped', () => {
    const odd = `<&>"' ]]> &amp; ü 漢`;
    expect(textsIn(`<a>${escapeXml(odd)}</a>`)?.get('a')).to.equal(odd);
  });

  const broken: readonly (readonly [string, string])[] = [
    ['nothing', ''],
    ['text alone', 'Service Unavailable'],
    ['JSON', '{"a":1}'],
    ['an element without an end', '<a><b>1</b>'],
    ['ends that cross', '<a><b>1</a></b>'],
    ['an end too many', '<a>1</a></b>'],
    ['a tag cut off', '<a>1</a'],
    ['a tag with more attributes than any answer', `<a${' b="c"'.repeat(200_000)}>1</a>`],
    ['a document type', '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'],
  ];
  for (const [what, xml] of broken) {
    it(`gives nothing, when it is ${what}`, () => {
      expect(textsIn(xml)).to.equal(undefined);
      // Nothing of it is left for the next one.
      expect(textsIn('<a>1</a>')?.get('a')).to.equal('1');
    });
  }
});
