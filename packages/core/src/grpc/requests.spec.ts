import { expect } from 'chai';
import { WireFields } from './wire-fields.js';
import {
  writeFetchRequest,
  writeManagedFetchRequest,
  writePublishRequest,
  writeSchemaRequest,
  writeTopicRequest,
} from './requests.js';

const replayId = Buffer.from('position10');

describe('A request', () => {
  it('has each field under its number', () => {
    const written = writeFetchRequest({ topicName: 'topic', replayPreset: 2, replayId, numRequested: 300 });
    expect(written.toString('latin1')).to.equal('\x0a\x05topic\x10\x02\x1a\x0aposition10\x20\xac\x02');
  });

  it('leaves out what is not given, and has what is given as zero', () => {
    expect(writeFetchRequest({ topicName: 't', numRequested: 1 }).toString('latin1')).to.equal('\x0a\x01t\x20\x01');
    expect(writeManagedFetchRequest({ numRequested: 0 }).toString('latin1')).to.equal('\x18\x00');
  });

  it('has a message inside a message', () => {
    const commitReplayIdRequest = { commitRequestId: 'id', replayId };
    const written = writeManagedFetchRequest({ developerName: 'Mine', numRequested: 0, commitReplayIdRequest });
    expect(written.toString('latin1')).to.equal('\x12\x04Mine\x18\x00\x2a\x10\x0a\x02id\x12\x0aposition10');
  });

  it('has texts in UTF-8', () => {
    const topic = new WireFields(writeTopicRequest({ topicName: 'Zürich 🚀' }), 0, 14);
    expect(topic.moveOn() && topic.text()).to.equal('Zürich 🚀');
    expect(writeSchemaRequest({ schemaId: 'é' })).to.deep.equal(Buffer.from([0x0a, 2, 0xc3, 0xa9]));
  });

  it('has events of any size, whose lengths take one byte to four', () => {
    const sizes = [0, 100, 127, 128, 16_383, 16_384, 2_097_152];
    const events = sizes.map((size) => ({ id: String(size), schemaId: 's', payload: Buffer.alloc(size, 7) }));
    const bytes = writePublishRequest({ topicName: 'topic', events });
    const fields = new WireFields(bytes, 0, bytes.length);
    expect(fields.moveOn() && fields.text()).to.equal('topic');
    for (const { id, payload } of events) {
      expect(fields.moveOn()).to.equal(true);
      const event = fields.message();
      expect(event.moveOn() && event.text()).to.equal(id);
      expect(event.moveOn() && event.text()).to.equal('s');
      expect(event.moveOn() && event.byteString().equals(payload)).to.equal(true);
      expect(event.moveOn()).to.equal(false);
    }
    expect(fields.moveOn()).to.equal(false);
  });

  it('has the headers of an event, more than there was room for', () => {
    const headers = Array.from({ length: 100 }, (_, index) => ({ key: `key-${index}`, value: Buffer.from('value') }));
    const event = { id: 'id', schemaId: 's', payload: Buffer.alloc(0), headers };
    const bytes = writePublishRequest({ topicName: 't', events: [event] });
    for (const { key } of headers) expect(bytes.includes(`${key}\x12\x05value`), key).to.equal(true);
  });
});
