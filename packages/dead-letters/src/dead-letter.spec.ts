import { expect } from 'chai';
import { hold } from '@rxforce/core/delivery';
import { ConnectionError, ReplayId, type UndecodableEvent } from '@rxforce/core/model';
import { changeEvent, delivered, platformEvent, runMarbles } from '@rxforce/core/testing';
import { itemsOf } from '@rxforce/core/internal';
import { deadLetterOf, deadLettersOf, errorDataOf } from './dead-letter.js';

const DELIVERY = Symbol.for('@rxforce/core/delivery/3');
const replayId = ReplayId.fromBytes(Uint8Array.of(0, 0, 1, 2));
const event = changeEvent({ id: 'e1', replayId, schemaId: 's1', recordIds: ['001'] });

describe('deadLetterOf', () => {
  it('has what an event is, what it failed with, and when', () => {
    const error = new ConnectionError('it is away');
    const letter = deadLetterOf(event, error, { attempts: 4, firstFailedAt: 5, lastFailedAt: 9 });
    expect(letter).to.deep.equal({
      id: '/data/AccountChangeEvent:AAABAg==:e1:001',
      value: event,
      payload: undefined,
      schemaId: 's1',
      topic: '/data/AccountChangeEvent',
      replayId: 'AAABAg==',
      error: { name: 'ConnectionError', message: 'it is away', code: 'connection', stack: error.stack },
      attempts: 4,
      firstFailedAt: 5,
      lastFailedAt: 9,
    });
  });

  it('counts one attempt, now, when nothing is said of the attempts', () => {
    runMarbles(({ scheduler, flush }) => {
      const letters: unknown[] = [];
      scheduler.schedule(() => letters.push(deadLetterOf('a', 'no'), deadLetterOf('a', 'no', { lastFailedAt: 4 })), 7);
      flush();
      expect(letters[0]).to.include({ attempts: 1, firstFailedAt: 7, lastFailedAt: 7 });
      expect(letters[1]).to.include({ attempts: 1, firstFailedAt: 4, lastFailedAt: 4 });
    });
  });

  describe('ids', () => {
    const idOf = (value: unknown) => deadLetterOf(value, 'no').id;

    it('are the same for the same event, received again', () => {
      expect(idOf({ ...event, data: { Name: 'later' } })).to.equal(idOf(event));
    });

    it('differ by topic, replay id, event id, and the record where there is one', () => {
      const others = [
        event,
        { ...event, topic: '/data/ChangeEvents' },
        { ...event, replayId: ReplayId.fromBytes(Uint8Array.of(9)) },
        { ...event, id: 'e2' },
        { ...event, header: { ...event.header, recordIds: ['002'] } },
        { ...event, header: { ...event.header, recordIds: ['001', '002'] } },
      ];
      expect(new Set(others.map(idOf)).size).to.equal(others.length);
    });

    it('have no record in them, where an event is about none or several', () => {
      const platform = platformEvent('/event/A__e', {}, { id: 'p', replayId });
      const merged = { ...event, header: { ...event.header, recordIds: ['001', '002'] } };
      expect([idOf(platform), idOf(merged)]).to.deep.equal([
        '/event/A__e:AAABAg==:p',
        '/data/AccountChangeEvent:AAABAg==:e1',
      ]);
    });

    it('are random for values that are no events', () => {
      const values = ['x', 'x', undefined, null, {}, { id: 'x', topic: 't' }, { id: 'x', topic: 't', replayId: null }];
      const ids = values.map(idOf);
      expect(new Set(ids).size).to.equal(values.length);
      ids.forEach((id) => expect(id).to.match(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/));
    });
  });

  it('has the value alone, when it is no event', () => {
    const value = { id: 5, topic: 'x' };
    const letter = deadLetterOf(value, 'no', { lastFailedAt: 1 });
    expect(letter.value).to.equal(value);
    expect(letter).to.include({ payload: undefined, schemaId: undefined, topic: undefined, replayId: undefined });
  });

  it('has the bytes of a held event, and not its delivery', () => {
    const payload = Uint8Array.of(1, 2, 3);
    const letter = deadLetterOf({ ...event, [DELIVERY]: { payload } }, 'no');
    expect(letter.payload).to.equal(payload);
    expect(Object.getOwnPropertySymbols(letter.value)).to.deep.equal([]);
    expect(letter.value).to.deep.equal(event);
  });

  it('leaves no hold on a delivered event that it is made of', () => {
    runMarbles(({ hot, scheduler, flush }) => {
      const source = delivered(hot('-e', { e: event }), scheduler);
      const early: unknown[] = [];
      source.values.subscribe((value) => early.push(deadLetterOf(value, 'no').value));
      flush();
      hold(early[0]);
      expect(source.settled).to.have.length(1);
      expect(source.settledEarly).to.deep.equal([]);
    });
  });

  it('has the bytes of an event that could not be decoded', () => {
    const payload = Uint8Array.of(1, 2, 3);
    const undecodable: UndecodableEvent = { id: 'u', topic: '/event/A__e', replayId, schemaId: 's', payload };
    expect(deadLetterOf(undecodable, 'no')).to.deep.include({ payload, value: undecodable, schemaId: 's' });
    expect(deadLetterOf({ ...undecodable, payload: 'text' }, 'no').payload).to.equal(undefined);
  });
});

describe('deadLettersOf', () => {
  it('gives one for a value, and one for each member of a batch', () => {
    const valuesOf = (value: unknown) => deadLettersOf(value, 'no').map((letter) => letter.value);
    expect(valuesOf(event)).to.deep.equal([event]);
    expect(valuesOf([event, 'x'])).to.deep.equal([event, 'x']);
    expect(valuesOf([])).to.deep.equal([]);
    expect(itemsOf('text')).to.deep.equal(['text']);
  });

  it('tells each the same of the attempts', () => {
    const letters = deadLettersOf(['a', 'b'], 'no', { attempts: 3, firstFailedAt: 1, lastFailedAt: 2 });
    letters.forEach((letter) => expect(letter).to.include({ attempts: 3, firstFailedAt: 1, lastFailedAt: 2 }));
  });
});

describe('errorDataOf', () => {
  it('has the code of a system error, also where it is a number', () => {
    expect(errorDataOf(Object.assign(new Error('x'), { code: 'ECONNRESET' })).code).to.equal('ECONNRESET');
    expect(errorDataOf(Object.assign(new Error('x'), { code: 14 })).code).to.equal('14');
    expect(errorDataOf(Object.assign(new Error('x'), { code: {} })).code).to.equal(undefined);
    expect(errorDataOf(new Error('x')).code).to.equal(undefined);
  });

  it('has the messages of the causes, and ends where they go round', () => {
    const error = new Error('top', { cause: new Error('middle', { cause: 'bottom' }) });
    expect(errorDataOf(error).message).to.equal('top (caused by: middle (caused by: bottom))');
    const round: { message: string; cause?: unknown } = { message: 'o' };
    round.cause = round;
    expect(errorDataOf(round).message.match(/o/g)).to.have.length(6);
  });

  it('does not say a cause again that the message has', () => {
    const away = new Error('it is away');
    expect(errorDataOf(new Error('it is away', { cause: away })).message).to.equal('it is away');
    expect(errorDataOf(new Error('not saved: it is away.', { cause: away })).message).to.equal(
      'not saved: it is away.',
    );
  });

  const circular: { self?: unknown } = {};
  circular.self = circular;
  const thrown: [string, unknown, string, string][] = [
    ['a text', 'no', 'string', 'no'],
    ['nothing', undefined, 'undefined', 'undefined'],
    ['null', null, 'object', 'null'],
    ['a number', 5, 'number', '5'],
    ['a symbol', Symbol('s'), 'symbol', 'Symbol(s)'],
    ['a function', Math.max, 'max', 'function max() { [native code] }'],
    ['plain data', { status: 500 }, 'object', '{"status":500}'],
    ['plain data with a message', { message: 'no', name: 'Fault' }, 'Fault', 'no'],
    ['data that is no JSON', { count: 5n }, 'object', '[object Object]'],
    ['data that refers to itself', circular, 'object', '[object Object]'],
    ['data whose JSON is nothing', { toJSON: () => undefined }, 'object', 'undefined'],
    ['an error whose name is no text', Object.assign(new Error('no'), { name: 7 }), 'object', 'no'],
  ];
  for (const [what, error, name, message] of thrown) {
    it(`reads ${what}`, () => expect(errorDataOf(error)).to.include({ name, message }));
  }

  it('says so, when what was thrown cannot be read', () => {
    const guarded = {
      get message() {
        throw new Error('no');
      },
    };
    expect(errorDataOf(guarded)).to.deep.equal({
      name: 'object',
      message: 'What was thrown cannot be read.',
      code: undefined,
      stack: undefined,
    });
  });
});
