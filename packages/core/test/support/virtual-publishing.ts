import { map, type Observable } from 'rxjs';
import type { TestScheduler } from 'rxjs/testing';
import { ORDERS, publishingTo, FakePublishService } from './fake-publish-service.js';
import {
  AuthenticationError,
  ConnectionError,
  TopicUnavailableError,
  ThrottledError,
  type RxforceError,
} from '../../src/model/errors.js';
import { runMarbles } from '../../src/testing/run-marbles.js';
import type { PublisherOptions } from '../../src/publish/options.js';
import type { PublishContext } from '../../src/publish/publishing.js';
import type { PublishResult } from '../../src/publish/publish-result.js';

/** An order to publish, with its name as its id. */
export const order = (name: string) => ({ id: name, data: { Name__c: name } });

/** Orders by the letters of marbles. */
export const INPUTS = Object.fromEntries(Array.from('abcdefgh', (name) => [name, order(name)]));

/** The connection broke. */
export const broken = new ConnectionError('The connection broke.', { grpcStatus: 14 });

/** The service asks for less. */
export const slower = new ThrottledError('Slower.', { retriable: true, grpcStatus: 8 });

/** The session is refused. */
export const expired = new AuthenticationError('Expired.', { grpcStatus: 16 });

/** The topic is refused. */
export const denied = new TopicUnavailableError('No.', { grpcStatus: 7 });

/** What a result says in short: the event's id, and why it failed. */
export const short = (result: PublishResult) =>
  result.ok ? result.val.id : `${result.val.eventId ?? ''}:${result.val.reason}`;

/** A publisher in virtual time, and the service that it publishes to. */
export interface Publishing {
  readonly service: FakePublishService;
  readonly scheduler: TestScheduler;
  /** Does something at a frame. */
  at(frame: number, action: () => void): void;
  publisher(options?: PublisherOptions): (source: Observable<unknown>) => Observable<string>;
  expectObservable: (typeof TestScheduler.prototype)['expectObservable'];
  expectSubscriptions: (typeof TestScheduler.prototype)['expectSubscriptions'];
  cold: (marbles: string, error?: unknown) => ReturnType<TestScheduler['createColdObservable']>;
  flush(): void;
  hot: (marbles: string) => ReturnType<TestScheduler['createHotObservable']>;
  expectSettled: Parameters<Parameters<typeof runMarbles>[0]>[0]['expectSettled'];
}

/** Runs a test in virtual time, against a fake service. */
export function inVirtualTime(test: (publishing: Publishing) => void, context: Partial<PublishContext> = {}): void {
  runMarbles((helpers) => {
    const { scheduler, cold, flush } = helpers;
    const service = new FakePublishService();
    const { publisher } = publishingTo(service, scheduler, context);
    test({
      ...helpers,
      service,
      at: (frame, action) => void scheduler.schedule(action, frame),
      publisher: (options) => (source) =>
        (source as Observable<{ data: object }>).pipe(publisher(ORDERS, options), map(short)),
      cold: (marbles, error) => cold(marbles, INPUTS, error),
    });
    flush();
  });
}

/** Answers nothing on the first stream, and breaks it at frame 5. */
export const breaking = ({ service, at }: Publishing, error: RxforceError | undefined) => {
  service.onRequest = (stream) => stream !== service.streams[0] && stream.answer();
  at(5, () => (error ? service.stream.fail(error) : service.stream.end()));
};
