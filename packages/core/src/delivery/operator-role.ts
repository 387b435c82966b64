/**
 * What an operator does with the values that it receives. `works`: it does the work on events, and holds them until the
 * work is done. `keeps`: it collects or delays values, and holds their events meanwhile. Operators downstream hold the
 * emitted values anew.
 */
export type OperatorRole = 'works' | 'keeps';
