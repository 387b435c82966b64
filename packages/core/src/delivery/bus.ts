import type { Subject, Subscriber } from 'rxjs';
import { announce, retract, type Frame } from './subscribing.js';

/** A Subject that receives the values of streams. */
interface Bus {
  /** Those who work and have subscribed downstream of it. */
  readonly announcers: Set<object>;
  /** The subscriptions of streams whose values it receives. */
  readonly frames: Set<Frame>;
}

const buses = new WeakMap<Subject<unknown>, Bus>();

function busOf(subject: Subject<unknown>): Bus {
  const known = buses.get(subject) ?? { announcers: new Set(), frames: new Set() };
  buses.set(subject, known);
  return known;
}

/** A Subject subscribes to a stream, until the subscriber ends. */
export function joinBus(subject: Subject<unknown>, frame: Frame, subscriber: Subscriber<never>): void {
  const { announcers, frames } = busOf(subject);
  announcers.forEach((by) => announce(frame, by));
  frames.add(frame);
  subscriber.add(() => frames.delete(frame));
}

/** Announces a subscriber that works, to the streams whose values a Subject receives, now or later. */
export function announceOnBus(subject: Subject<unknown>, by: object): void {
  const { announcers, frames } = busOf(subject);
  announcers.add(by);
  frames.forEach((frame) => announce(frame, by));
}

/** Takes an announcement back from these streams. */
export function retractOnBus(subject: Subject<unknown>, by: object): void {
  const { announcers, frames } = busOf(subject);
  announcers.delete(by);
  frames.forEach((frame) => retract(frame, by));
}
