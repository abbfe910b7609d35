/**
 * What is done when the broker stays away although the supervisors keep trying: first a new connection to the network, then a
 * restart of the device. When the meter stays silent, the request for data is taken back and made again.
 */
export interface Recovery {
	/** When `advanceRecovery` must be called again at the latest, monotonic milliseconds. */
	deadline: number;
	/** When there was a session last, and when each stage was tried last. */
	lastBroker: number;
	lastNetworkRestart: number;
	lastTelegram: number;
	lastRequest: number;
	/** How often these stages were tried. Restarts of the device are counted in the boot record, which survives them. */
	networkRestarts: number;
	requestRestarts: number;
}

export type RecoveryAction = "none" | "request" | "network" | "device";

export interface RecoveryView {
	/** The network has an address. */
	network: boolean;
	online: boolean;
	/** The broker answers, and refuses: a restart would change nothing. */
	refused: boolean;
	lastTelegram: number;
}

const networkMs = 10 * 60_000;
const networkAgainMs = 30 * 60_000;
/** After so long without a broker the device restarts, so that restarts cannot follow each other faster. */
export const deviceMs = 6 * 3_600_000;
const requestMs = 2 * 60_000;
const checkMs = 30_000;

export function createRecovery(now: number): Recovery {
	return {
		deadline: now + checkMs,
		lastBroker: now,
		lastNetworkRestart: now,
		lastTelegram: now,
		lastRequest: now,
		networkRestarts: 0,
		requestRestarts: 0,
	};
}

/** Returns what to try now. */
export function advanceRecovery(recovery: Recovery, view: RecoveryView, now: number): RecoveryAction {
	recovery.deadline = now + checkMs;
	recovery.lastTelegram = Math.max(recovery.lastTelegram, view.lastTelegram);
	if (view.online || view.refused) recovery.lastBroker = now;
	if (now - recovery.lastBroker >= deviceMs) {
		recovery.lastBroker = now;
		return "device";
	}
	const pause = recovery.lastNetworkRestart <= recovery.lastBroker ? networkMs : networkAgainMs;
	const lastTry = Math.max(recovery.lastBroker, recovery.lastNetworkRestart);
	if (view.network && now - lastTry >= pause) {
		recovery.networkRestarts++;
		recovery.lastNetworkRestart = now;
		return "network";
	}
	if (now - Math.max(recovery.lastTelegram, recovery.lastRequest) >= requestMs) {
		recovery.requestRestarts++;
		recovery.lastRequest = now;
		return "request";
	}
	return "none";
}
