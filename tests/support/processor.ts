/** What work costs, whatever else the computer does meanwhile. */

/** Milliseconds of processor time that the work takes, this process's own helpers (compiler, garbage collection) included. */
export function measureProcessorTime(work: () => void): number {
	const before = process.cpuUsage();
	work();
	const { user, system } = process.cpuUsage(before);
	return (user + system) / 1_000;
}
