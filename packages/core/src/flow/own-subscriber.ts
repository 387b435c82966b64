import { Subscriber } from 'rxjs';

/** What an operator of ours subscribes with: it holds by itself what it keeps. */
export abstract class OwnSubscriber<T> extends Subscriber<T> {
  constructor(downstream: Subscriber<never>) {
    // Operators outside RxJS have no other way to make a Subscriber that ends with the one downstream.
    // eslint-disable-next-line @typescript-eslint/no-deprecated
    super(downstream);
  }
}
