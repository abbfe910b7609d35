/** What a network server believes of a device: where it listens, by what it asked and what was answered. */

/** The firmware is not asked: what is here comes from the commands' bytes and their answers alone. */
export interface Believed {
	/** Seconds. */
	delay: number;
	firstOffset: number;
	secondDataRate: number;
	secondFrequency: number;
	/** First window's frequency by the uplink's, where they differ. */
	readonly downlinks: Map<number, number>;
	/** Hz by channel. */
	readonly channels: Map<number, number>;
	/** Requests that were sent and not answered yet. */
	asked: { command: number; parameters: Uint8Array }[];
}

/** Without the number itself. */
const requestLengths: Readonly<Record<number, number>> = {
	2: 2,
	3: 4,
	4: 1,
	5: 4,
	6: 0,
	7: 5,
	8: 1,
	9: 1,
	10: 4,
	13: 5,
};
const answerLengths: Readonly<Record<number, number>> = {
	2: 0,
	3: 1,
	4: 0,
	5: 1,
	6: 2,
	7: 1,
	8: 0,
	10: 1,
	13: 0,
};
const questions = [2, 13];
const defaults = [868_100_000, 868_300_000, 868_500_000];

export function createBelieved(
	delay: number,
	firstOffset: number,
	secondDataRate: number,
	secondFrequency: number,
): Believed {
	const channels = new Map(defaults.map((frequency, at) => [at, frequency]));
	return { delay, firstOffset, secondDataRate, secondFrequency, downlinks: new Map(), channels, asked: [] };
}

/** Notes the requests that a downlink carries. An unknown one ends the list, as it does for a device. */
export function askAll(believed: Believed, bytes: readonly number[]): void {
	for (let at = 0; at < bytes.length; ) {
		const length = requestLengths[bytes[at]!];
		if (length === undefined) return;
		const parameters = new Uint8Array(bytes.slice(at + 1, at + 1 + length));
		if (!questions.includes(bytes[at]!)) believed.asked.push({ command: bytes[at]!, parameters });
		at += 1 + length;
	}
}

/**
 * Takes the MAC commands of an uplink: answers make what was asked true, and questions go to `asked`. What the first uplink after a
 * request does not answer did not arrive.
 */
export function takeAnswers(believed: Believed, bytes: Uint8Array, asked: number[]): void {
	for (let at = 0; at < bytes.length; ) {
		const command = bytes[at]!;
		const length = answerLengths[command];
		if (length === undefined || at + 1 + length > bytes.length) break;
		if (questions.includes(command)) asked.push(command);
		else settle(believed, command, length === 0 ? 255 : bytes[at + 1]!);
		at += 1 + length;
	}
	believed.asked = [];
}

/** Repeated answers find nothing that is open. */
function settle(believed: Believed, command: number, status: number): void {
	const at = believed.asked.findIndex(open => open.command === command);
	if (at < 0) return;
	const { parameters } = believed.asked[at]!;
	believed.asked.splice(at, 1);
	const frequency = (place: number): number =>
		100 * (parameters[place]! + 256 * parameters[place + 1]! + 65_536 * parameters[place + 2]!);
	if (command === 5 && status === 7) {
		believed.firstOffset = (parameters[0]! >> 4) & 7;
		believed.secondDataRate = parameters[0]! & 15;
		believed.secondFrequency = frequency(1);
	} else if (command === 7 && status === 3) {
		believed.channels.set(parameters[0]!, frequency(1));
	} else if (command === 8) {
		believed.delay = Math.max(1, parameters[0]! & 15);
	} else if (command === 10 && status === 3) {
		const uplink = believed.channels.get(parameters[0]!);
		if (uplink !== undefined) believed.downlinks.set(uplink, frequency(1));
	}
}
