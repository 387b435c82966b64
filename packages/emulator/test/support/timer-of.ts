/**
 * A timer that starts now. A response that is held back longer, from later on, comes after the timer is over: both are
 * fired by this process, in the order of their ends, and the response has its way through the network still before it.
 * That is so however busy the machine is, and a shorter wait shows.
 *
 * @param ms - Two less than the wait: a timer may fire a fraction of a millisecond early.
 */
export function timerOf(ms: number): { readonly isOver: boolean } {
  const timer = { isOver: false };
  setTimeout(() => (timer.isOver = true), ms);
  return timer;
}
