import { expect } from 'chai';
import { runMarbles } from '../testing/run-marbles.js';
import { Announcements } from './announcements.js';

describe('Announcements', () => {
  it('are made in a later turn, in order', () => {
    runMarbles(({ scheduler, flush }) => {
      const heard: string[] = [];
      const announcements = new Announcements(scheduler);
      announcements.add(() => heard.push('first'));
      announcements.add(() => heard.push('second'));
      expect(heard).to.deep.equal([]);
      flush();
      expect(heard).to.deep.equal(['first', 'second']);
    });
  });

  it('come after a timer that was started before the turn was asked for', () => {
    runMarbles(({ scheduler, flush }) => {
      const heard: string[] = [];
      const announcements = new Announcements(scheduler);
      announcements.add(() => heard.push('first'));
      scheduler.schedule(() => heard.push('timer'));
      announcements.add(() => heard.push('second'));
      flush();
      expect(heard).to.deep.equal(['first', 'timer', 'second']);
    });
  });

  it('are all made, when one throws, and what it throws comes up in a turn of its own', () => {
    runMarbles(({ scheduler, flush }) => {
      const heard: string[] = [];
      const announcements = new Announcements(scheduler);
      announcements.add(() => {
        throw new Error('odd');
      });
      announcements.add(() => heard.push('second'));
      expect(flush).to.throw('odd');
      expect(heard).to.deep.equal(['second']);
    });
  });
});
