import type { Hold } from './delivery.js';

/** The hold where there is no delivery. */
export const NO_HOLD: Hold = Object.freeze<Hold>({
  emit: (subscriber, value) => subscriber.next(value),
  release: () => undefined,
  fail: () => undefined,
  abandon: () => undefined,
  onEnded: (listener) => listener('settled'),
  onPressure: () => undefined,
  track: () => undefined,
  isLost: () => false,
  state: () => 'none',
  delivery: () => undefined,
});
