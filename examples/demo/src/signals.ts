import { ReplaySubject, take, type Observable } from 'rxjs';

/**
 * Emits when the process is told to end: by `SIGTERM`, as on a deployment, or by Ctrl-C. The process then lives until
 * it is done, so whoever calls this must end it soon. Further signals change nothing (npm passes on each Ctrl-C once
 * more).
 */
export function terminations(): Observable<NodeJS.Signals> {
  const signal$ = new ReplaySubject<NodeJS.Signals>(1);
  process.on('SIGTERM', (name) => signal$.next(name));
  process.on('SIGINT', (name) => signal$.next(name));
  return signal$.pipe(take(1));
}
