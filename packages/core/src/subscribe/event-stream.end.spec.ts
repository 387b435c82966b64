import { expect } from 'chai';
import { Subject, take } from 'rxjs';
import { keep } from '../../test/support/keep.js';
import { inVirtualTime } from '../../test/support/in-virtual-time.js';
import { RxforceError, TopicUnavailableError } from '../model/errors.js';
import type { SubscribeOptions } from './options.js';
import { range, truncated } from '../../test/support/thing-stream.js';

describe('eventStream', () => {
  describe('the end', () => {
    it('is a retriable error, when the server ended the stream as often as it may', () => {
      inVirtualTime({ maxAttempts: 1 }, ({ service, subscribe, at }) => {
        const { errors } = subscribe();
        at(1, () => {
          service.stream.end();
          expect(errors[0]).to.be.instanceOf(RxforceError).and.include({ code: 'stream-ended', retriable: true });
        });
      });
    });

    it('is the error of the stream, when that failed for good, and is told with its end', () => {
      const error = new TopicUnavailableError('no such topic');
      inVirtualTime({}, ({ service, subscribe, statuses, at }) => {
        const { errors } = subscribe();
        at(1, () => {
          service.stream.fail(error);
          expect(errors).to.deep.equal([error]);
          expect(statuses.at(-1)).to.deep.include({ type: 'closed', cause: error });
        });
      });
    });

    it('comes after what was received, when the stream ends right behind it', () => {
      inVirtualTime({ maxAttempts: 1 }, ({ service, subscribe, at }) => {
        const { names, errors } = subscribe();
        service.onRequest = (stream) => {
          stream.send('a', 'b');
          stream.end();
        };
        at(5, () => {
          expect(names).to.deep.equal(['a', 'b']);
          expect(errors).to.have.length(1);
        });
      });
    });

    it('is a typed error, when the service sends what cannot be', () => {
      inVirtualTime({}, ({ service, subscribe, at }) => {
        const { errors } = subscribe();
        at(1, () => {
          service.stream.send({ event: null, replayId: Buffer.from('a') });
          expect(errors[0]).to.be.instanceOf(RxforceError).and.include({ code: 'protocol' });
        });
      });
    });

    it('may come inside a status, whichever', () => {
      for (const type of ['connecting', 'requested', 'live', 'received'] as const) {
        inVirtualTime({ window: 2, refillAt: 1 }, ({ service, events$, onStatus, at }) => {
          const seen: string[] = [];
          const subscription = events$.subscribe();
          onStatus((status) => {
            seen.push(status.type);
            if (status.type === type) subscription.unsubscribe();
          });
          at(1, () => {
            if (type === 'live' || type === 'received') service.stream.send('a');
          });
          at(5, () => {
            expect(seen.indexOf('closed')).to.equal(seen.length - 1);
            expect(service.streams.every(({ cancelled }) => cancelled)).to.equal(true);
          });
        });
      }
    });

    it('is a completion, when the client is closed; subscribing later errors', () => {
      inVirtualTime({}, ({ service, events$, subscriptions, at }) => {
        const seen: string[] = [];
        events$.subscribe({ complete: () => seen.push('complete') });
        at(1, () => {
          subscriptions.close();
          expect(seen).to.deep.equal(['complete']);
          expect(service.stream.cancelled).to.equal(true);
          events$.subscribe({ error: (error: unknown) => seen.push((error as RxforceError).code) });
          expect(seen).to.deep.equal(['complete', 'client-closed']);
        });
      });
    });

    it('may come inside the request that a release makes', () => {
      inVirtualTime({ window: 1 }, ({ service, events$, onStatus, at }) => {
        const releases: (() => void)[] = [];
        const subscription = events$.pipe(keep((_event, held) => releases.push(() => held.release()))).subscribe();
        at(1, () => {
          service.stream.send('a');
          onStatus(({ type }) => {
            if (type === 'requested') subscription.unsubscribe();
          });
          expect(() => releases[0]?.()).not.to.throw();
          expect(subscription.closed).to.equal(true);
          expect(service.stream.requests).to.deep.equal([1]);
        });
      });
    });

    it('stops the fetching of a schema, when the subscriber unsubscribes', () => {
      inVirtualTime({}, ({ service, subscribe, at }) => {
        const answer = new Subject<never>();
        service.schemas = () => answer;
        const { subscription } = subscribe();
        at(1, () => {
          service.stream.send('a');
          expect(answer.observed).to.equal(true);
          subscription.unsubscribe();
          expect(answer.observed).to.equal(false);
        });
      });
    });

    it('hands no undecodable event out, when the subscriber unsubscribed before it', () => {
      const handed: string[] = [];
      const onUndecodable: SubscribeOptions['onUndecodable'] = ({ id }) => void handed.push(id);
      inVirtualTime({ onUndecodable }, ({ service, events$, at }) => {
        events$.pipe(take(1)).subscribe();
        at(1, () => {
          service.stream.send('a', truncated('b'));
          expect(handed).to.deep.equal([]);
        });
      });
    });

    it('stops handing out, when the subscriber unsubscribes in the middle of a response', () => {
      inVirtualTime({}, ({ service, events$, at }) => {
        const names: string[] = [];
        events$.pipe(take(2)).subscribe(({ id }) => names.push(id));
        at(1, () => {
          service.stream.send(...range(5));
          expect(names).to.deep.equal(['e0', 'e1']);
        });
      });
    });
  });
});
