import { expect } from 'chai';
import fc from 'fast-check';
import { map, mergeMap, of, tap, timer } from 'rxjs';
import { hold } from '@rxforce/core/delivery';
import { ManagedServer } from '../../test/support/managed-server.js';
import { managedStream, type ManagedStream } from '../../test/support/managed-stream.js';
import { broken } from '../../test/support/breaking-streams.js';
import { managedSuite, TOPIC } from '../../test/support/managed-suite.js';

describe('A managed subscription', () => {
  const { managed } = managedSuite();

  it('loses nothing, hands nothing out twice, and never commits past what is unsettled, whatever breaks', async function () {
    this.timeout(180_000);
    const step = fc.oneof(
      fc.record({ type: fc.constant('append' as const), count: fc.integer({ min: 1, max: 4 }) }),
      fc.record({ type: fc.constant('settle' as const), which: fc.nat(5) }),
      fc.record({ type: fc.constant('break' as const), inPeace: fc.boolean() }),
      fc.record({ type: fc.constant('mute' as const) }),
      fc.record({ type: fc.constant('keepalive' as const) }),
      fc.record({ type: fc.constant('refuse' as const) }),
      fc.record({ type: fc.constant('again' as const) }),
      fc.record({ type: fc.constant('restart' as const) }),
      fc.record({ type: fc.constant('pass' as const), ms: fc.nat(2_000) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 5 }), fc.array(step, { maxLength: 40 }), async (window, steps) => {
        const server = new ManagedServer();
        const settled = new Set<string>();
        let stream = managedStream({ topic: TOPIC, window, commitIntervalMs: 10 }, { server });
        let seen = stream.subscribeHolding();
        let open: string[] = [];
        let handedOut = 0;
        const look = () => {
          open.push(...seen.names.slice(handedOut));
          handedOut = seen.names.length;
          expect(new Set(seen.names).size, 'handed out twice').to.equal(seen.names.length);
          // Positions taken by the server cover settled events only.
          const upTo = server.log.indexOf(server.committed ?? '') + 1;
          server.log.slice(0, upTo).forEach((name) => expect(settled.has(name), `${name} committed`).to.equal(true));
        };
        await stream.pass(1);
        for (const each of steps) {
          if (each.type === 'append') {
            const first = server.log.length;
            server.append(...Array.from({ length: each.count }, (_, index) => `e${first + index}`));
          } else if (each.type === 'settle' && open.length > 0) {
            const [name] = open.splice(each.which % open.length, 1);
            settled.add(name!);
            seen.release(name!);
          } else if (each.type === 'break') {
            if (each.inPeace) server.stream.end();
            else server.stream.fail(broken);
          } else if (each.type === 'mute') {
            server.answersCommits = !server.answersCommits;
          } else if (each.type === 'keepalive' && server.log.length > 0) {
            server.stream.keepalive();
          } else if (each.type === 'refuse') {
            server.refusal = server.refusal === undefined ? 'no' : undefined;
          } else if (each.type === 'again') {
            // Unsubscribed, with work that goes on and counts; then subscribed again.
            seen.subscription.unsubscribe();
            open.splice(0).forEach((name) => {
              settled.add(name);
              seen.release(name);
            });
            seen = stream.subscribeHolding();
            handedOut = 0;
          } else if (each.type === 'restart') {
            // As by kill -9: its time stands still.
            server.streams.at(-1)?.end();
            stream = managedStream({ topic: TOPIC, window, commitIntervalMs: 10 }, { server });
            seen = stream.subscribeHolding();
            open = [];
            handedOut = 0;
          } else if (each.type === 'pass') await stream.pass(each.ms);
          await stream.pass(1);
          look();
        }
        server.answersCommits = true;
        server.refusal = undefined;
        for (let turns = 0; turns < 200 && server.committed !== server.log.at(-1); turns++) {
          open.splice(0).forEach((name) => {
            settled.add(name);
            seen.release(name);
          });
          await stream.pass(1_000);
          if (turns % 40 === 39) server.stream.fail(broken);
          look();
        }
        expect([...settled].sort()).to.deep.equal([...server.log].sort());
        expect(server.committed).to.equal(server.log.at(-1));
        expect(seen.errors).to.deep.equal([]);
        stream.subscriptions.close();
        await stream.pass(20_000);
      }),
      { numRuns: 300 },
    );
  });

  describe('whose pipeline keeps events', () => {
    /** The third event comes late, behind work on the others. */
    const lateThird = (stream: ManagedStream) => {
      const { time } = stream;
      const errors: unknown[] = [];
      stream.events$
        .pipe(
          mergeMap((event) => (event.id === 'c' ? timer(100, time).pipe(map(() => event)) : of(event))),
          tap((event) => {
            const held = hold(event, 'works');
            time.schedule(() => held.release(), 1);
          }),
        )
        .subscribe({ next: () => undefined, error: (error: unknown) => errors.push(error) });
      return errors;
    };
    const base64 = (name: string) => Buffer.from(name).toString('base64');

    it('ends in an error that says what to read again, when the position has passed them', async () => {
      const stream = managed({ commitIntervalMs: 0 });
      stream.server.log.push('a', 'b', 'c', 'd');
      const errors = lateThird(stream);
      await stream.pass(200);
      expect(stream.server.committed).to.equal('d');
      expect(errors).to.have.length(1);
      expect(errors[0]).to.include({ code: 'settled-early' });
      expect(String(errors[0]))
        .to.include(`from replay id ${base64('b')}`)
        .and.include(base64('d'));
      expect(String(errors[0])).not.to.include('they come again');
    });

    it('says so, too, when the commit that passes them is on its way', async () => {
      const stream = managed({ commitIntervalMs: 0 });
      stream.server.answersCommits = false;
      stream.server.log.push('a', 'b', 'c', 'd');
      const errors = lateThird(stream);
      await stream.pass(200);
      expect(stream.server.asked.at(-1)).to.equal('d');
      expect(String(errors[0]))
        .to.include(`from replay id ${base64('b')}`)
        .and.include(base64('d'));
    });
  });
});
