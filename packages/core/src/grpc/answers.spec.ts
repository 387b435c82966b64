import { expect } from 'chai';
import { readPublishResponse, readSchemaInfo, readTopicInfo } from './answers.js';

const bytes = (text: string) => Buffer.from(text, 'latin1');

describe('An answer', () => {
  it('is read field by field, whatever their order', () => {
    expect(readTopicInfo(bytes('\x2a\x06schema\x0a\x05topic\x12\x03org\x18\x01\x32\x03rpc'))).to.deep.equal({
      ...{ topicName: 'topic', tenantGuid: 'org', canPublish: true, canSubscribe: false },
      ...{ schemaId: 'schema', rpcId: 'rpc' },
    });
    const schema = readSchemaInfo(bytes('\x0a\x02{}\x12\x02id\x1a\x03rpc'));
    expect(schema).to.deep.equal({ schemaJson: '{}', schemaId: 'id', rpcId: 'rpc' });
  });

  it('has the default of what is not there', () => {
    const empty = Buffer.alloc(0);
    expect(readTopicInfo(empty)).to.include({ topicName: '', canPublish: false });
    expect(readSchemaInfo(empty)).to.deep.equal({ schemaJson: '', schemaId: '', rpcId: '' });
    expect(readPublishResponse(empty)).to.deep.equal({ results: [], schemaId: '', rpcId: '' });
  });

  it('has a result for each event, with its position or its error', () => {
    const [ok, failed] = ['\x0a\x02id\x1a\x01a', '\x12\x05\x08\x01\x12\x01m\x1a\x01b'];
    const { results } = readPublishResponse(bytes(`\x0a${String.fromCharCode(ok.length)}${ok}\x0a\x0a${failed}`));
    expect(results).to.deep.equal([
      { replayId: bytes('id'), error: null, correlationKey: 'a' },
      { replayId: Buffer.alloc(0), error: { code: 1, msg: 'm' }, correlationKey: 'b' },
    ]);
  });

  it('is read past fields that a later contract may add', () => {
    expect(readSchemaInfo(bytes('\x0a\x02{}\x7a\x01x\x78\x05')).schemaJson).to.equal('{}');
  });

  it('is refused, when it is cut off', () => {
    expect(() => readSchemaInfo(bytes('\x0a\x05{}'))).to.throw(/goes on after the end/);
    expect(() => readPublishResponse(bytes('\x0a\x05\x0a\x02id'))).to.throw(/goes on after the end/);
  });
});
