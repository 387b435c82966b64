import { Subscriber, type Observable, type Unsubscribable } from 'rxjs';

/** What an operator does with what its source sends. What is left out is passed on. */
export interface OperateHandlers<T> {
  /** `upstream` ends the source alone: what is downstream goes on. */
  readonly next: (value: T, upstream: Unsubscribable) => void;
  readonly complete?: () => void;
}

/**
 * Subscribes an operator to its source, as RxJS's own operators do: unsubscribing downstream reaches a source that is
 * still emitting inside `subscribe()`, and an error thrown by a handler becomes the Observable's error.
 */
export function operate<T, R>(source: Observable<T>, destination: Subscriber<R>, handlers: OperateHandlers<T>): void {
  source.subscribe(new OperatorSubscriber(destination, handlers));
}

class OperatorSubscriber<T> extends Subscriber<T> {
  constructor(
    private readonly downstream: Subscriber<unknown>,
    private readonly handlers: OperateHandlers<T>,
  ) {
    // Operators outside RxJS have no other way to make a Subscriber that ends with the one downstream.
    // eslint-disable-next-line @typescript-eslint/no-deprecated
    super(downstream);
  }

  protected override _next(value: T): void {
    try {
      this.handlers.next(value, this);
    } catch (error) {
      this.downstream.error(error);
    }
  }

  protected override _complete(): void {
    const { complete } = this.handlers;
    if (complete === undefined) {
      super._complete();
      return;
    }
    try {
      complete();
    } catch (error) {
      this.downstream.error(error);
    } finally {
      this.unsubscribe();
    }
  }
}
