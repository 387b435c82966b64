const BYTES_PER_MB = 1024 * 1024;

/** User and system time of this process, all its threads, since it began. */
export function cpuMicros(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

/** The most memory that this process had resident. */
export function peakRssMb(): number {
  return (process.resourceUsage().maxRSS * 1024) / BYTES_PER_MB;
}

/** The memory that it has resident now. */
export function rssMb(): number {
  return process.memoryUsage.rss() / BYTES_PER_MB;
}

/** Ends this process, as its client has failed. */
export function fail(error: unknown): void {
  console.error(error);
  process.exit(1);
}
