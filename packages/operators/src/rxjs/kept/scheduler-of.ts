import type { SchedulerLike } from 'rxjs';

/** Splits the arguments of an operator whose last one may be a scheduler. */
export function schedulerOf(args: readonly unknown[]): {
  readonly scheduler: SchedulerLike | undefined;
  readonly numbers: readonly (number | null | undefined)[];
} {
  const last = args.at(-1) as Partial<SchedulerLike> | null | undefined;
  const isScheduler = typeof last?.schedule === 'function';
  const numbers = (isScheduler ? args.slice(0, -1) : args) as readonly (number | null | undefined)[];
  return { scheduler: isScheduler ? (last as SchedulerLike) : undefined, numbers };
}
