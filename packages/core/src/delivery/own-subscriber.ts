import { Subscriber } from 'rxjs';

/** The subscriber of an operator of ours, which itself holds the events that it keeps. */
export abstract class OwnSubscriber<T> extends Subscriber<T> {
  /** Whether it joins the values of an inner Observable, rather than those of its operator's source. */
  readonly joins: boolean = false;
}
