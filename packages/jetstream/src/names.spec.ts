import { expect } from 'chai';
import fc from 'fast-check';
import { checkedName, checkedPrefix, textOf, token, topicNames } from './names.js';

describe('token', () => {
  it('leaves letters, digits, "_" and "-", and writes the others by their codes', () => {
    expect(token('/data/Foo__ChangeEvent')).to.equal('=2Fdata=2FFoo__ChangeEvent');
    expect(token('a.b*c>d e=')).to.equal('a=2Eb=2Ac=3Ed=20e=3D');
    expect(token('中')).to.equal('=u4E2D');
    expect(token('')).to.equal('=');
  });

  it('has only what subjects and names of streams may have, and the text is found again', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(token(text)).to.match(/^[\w=-]+$/);
        expect(textOf(token(text))).to.equal(text);
      }),
    );
  });

  it('tells lone surrogates apart', () => {
    const texts = ['\ud83d', '\ude00', '\ufffd', '😀'];
    expect(new Set(texts.map(token)).size).to.equal(texts.length);
    expect(texts.map(token).map(textOf)).to.deep.equal(texts);
  });
});

describe('topicNames', () => {
  it('names the stream of a topic, and the subject of a partition', () => {
    const names = topicNames('rxforce', 'crm', '/data/AccountChangeEvent');
    expect(names.stream).to.equal('rxforce+crm+=2Fdata=2FAccountChangeEvent');
    expect(names.subjects).to.equal('rxforce.crm.=2Fdata=2FAccountChangeEvent.*');
    expect(names.subject(7)).to.equal('rxforce.crm.=2Fdata=2FAccountChangeEvent.7');
  });

  it('has another stream for each log, wherever the "_" is', () => {
    const parts = [
      ['rxforce', 'prod_crm', 'a'],
      ['rxforce_prod', 'crm', 'a'],
      ['rxforce_prod_crm', 'a', 'a'],
      ['rxforce', 'prod', 'crm_a'],
    ] as const;
    expect(new Set(parts.map(([prefix, name, topic]) => topicNames(prefix, name, topic).stream)).size).to.equal(
      parts.length,
    );
  });
});

describe('checkedName', () => {
  it('refuses what cannot be a part of the name of a stream, and says what can', () => {
    for (const name of ['', 'a.b', 'a b', 'ä', 'x'.repeat(101), undefined, 3]) {
      expect(() => checkedName('bucket', name), String(name)).to.throw(/^bucket is .*letters, digits, "_" and "-"/);
    }
    expect(checkedName('bucket', 'a_B-9')).to.equal('a_B-9');
    expect(checkedPrefix()).to.equal('rxforce');
  });
});
