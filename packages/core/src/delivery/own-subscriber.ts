import { Subscriber } from 'rxjs';

/** The subscriber of an operator of ours, which itself holds the events that it keeps. */
export abstract class OwnSubscriber<T> extends Subscriber<T> {}
