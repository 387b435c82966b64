/**
 * What an operator does with the values it is given. `works`: it does the work that events are for, and holds them until
 * that is done. `keeps`: it collects or delays values, and holds their events meanwhile; what it emits is to be held anew.
 */
export type OperatorRole = 'works' | 'keeps';
