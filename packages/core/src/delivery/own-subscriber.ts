import { Subscriber } from 'rxjs';

/** What an operator of ours subscribes with: it holds by itself what it keeps. */
export abstract class OwnSubscriber<T> extends Subscriber<T> {}
