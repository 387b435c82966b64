/** The parameters that the parent process gave. */
export function parameters<T>(): T {
  return JSON.parse(process.argv[2] ?? '{}') as T;
}

/** Sends a message to the parent process. */
export function tellParent(message: object, then: () => void = () => undefined): void {
  if (process.send) process.send(message, undefined, {}, then);
  else then();
}

/** Ends this process when the parent does, whatever ended it. */
export function endWithParent(): void {
  process.on('disconnect', () => process.exit());
  // It may have ended while this process was being loaded.
  if (process.send && !process.connected) process.exit();
}
