import { defer, ReplaySubject, share, type Observable, type SchedulerLike } from 'rxjs';

/** How long what is known of an object counts as known, in milliseconds: fields come and go. */
const FRESH_MS = 600_000;

/** What is known of objects, looked up again when it is old. Those who ask at a time share one look. */
export class OpenObjects<O> {
  private readonly known = new Map<string, { readonly since: number; readonly object$: Observable<O> }>();

  constructor(
    private readonly open: (entity: string) => Observable<O>,
    private readonly scheduler: SchedulerLike,
  ) {}

  /** The object: looked up by the first who asks, and again where that failed. */
  get(entity: string): Observable<O> {
    return defer(() => {
      const known = this.known.get(entity);
      const now = this.scheduler.now();
      if (known !== undefined && now - known.since < FRESH_MS) return known.object$;
      const object$ = this.open(entity).pipe(
        share({
          connector: () => new ReplaySubject<O>(1),
          resetOnComplete: false,
          // Those who took the one value leave just before it completes, and it stays known.
          resetOnRefCountZero: () => Promise.resolve(),
        }),
      );
      this.known.set(entity, { since: now, object$ });
      return object$;
    });
  }

  /** Forgets what is known of an object, as it is wrong. */
  forget(entity: string): void {
    this.known.delete(entity);
  }
}
