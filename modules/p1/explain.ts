/** Why no telegram comes, in one word and in a sentence for the owner. */
import type { Faults } from "./faults.js";
import { createHints, type Hints } from "./hints.js";

/** What comes instead of telegrams, and what to do about it. The first that fits is the one that explains the others. */
const sentences: readonly (readonly [string, string])[] = Object.freeze(
	[
		["nothing", "no byte has come: look at the cable, and at the line that asks the meter to send"],
		[
			"header",
			"the meter sends encrypted frames with a header in text, as in Poland: how they are encrypted is not public, so that they cannot be read",
		],
		[
			"mbus",
			"this is M-Bus, not a P1 port: the meter's customer interface needs a reader for M-Bus at 2400 baud with even parity, and holds DLMS",
		],
		["hdlc", "this is DLMS in HDLC frames, not a P1 telegram: the meter needs a reader for DLMS"],
		[
			"dlms",
			"the key fits, but the frames hold DLMS and not a P1 telegram: ask the grid operator whether the meter has a P1 output in text (DSMR)",
		],
		[
			"parity",
			"the bytes are text with a parity bit: set the serial port to 115200 baud, 8 data bits and no parity; a meter that sends 7 bits is not one with a P1 port",
		],
		[
			"hexDump",
			"this is a hex dump, not the bytes themselves: turn it into bytes first, with `xxd -r -p` for instance",
		],
		[
			"telnet",
			"something on the way speaks telnet and doubles each byte FF: set the serial-to-network adapter to raw TCP, without telnet or RFC 2217",
		],
		[
			"lineEnds",
			"line ends are changed on the way: open the port raw (`stty raw`, no icrnl, inlcr or igncr), and copy captures as binary files",
		],
		["keyMissing", "the meter encrypts: set the key that the grid operator gave you"],
		["securityControl", "the meter uses a security suite that cannot be read; see docs/faults.md"],
		["wrongAuthenticationKey", "the authentication key does not fit, though the key does"],
		[
			"unauthenticated",
			"no telegram has a tag, which the setting `authentication` asks for: required, or automatic after ten good tags",
		],
		[
			"replay",
			"the frame counter of the meter does not rise, so that nothing tells its telegrams from recordings: `set authentication off` reads them",
		],
		["crcMissing", "the telegrams have no CRC, as those of old meters: set `authentication` to `off` to read them"],
		[
			"cut",
			"each frame is cut before its end: something on the way has a buffer that is too small or waits too short, or the meter is told to stop",
		],
		[
			"lossy",
			"bytes are lost now and then: look for a buffer that overflows, a cable that is too long, a missing pull-up resistor",
		],
		["damaged", "bytes were lost or changed on the way: look at the cable, the pull-up resistor and the supply"],
		["notTelegram", "what the meter encrypts is not DSMR text; see docs/faults.md"],
		[
			"wrongKey",
			"the key does not fit this meter: compare it with the grid operator's letter, or ask whether it was renewed",
		],
		["text", "this is text, but no telegram: a log, or the output of a program instead of the port's own bytes"],
		["expired", "a frame begins and does not end: more bytes are needed, or they are cut off on the way"],
		[
			"noise",
			"nothing that comes looks like a telegram: the speed must be 115200 baud with 8 data bits and no parity, and the line must be inverted once",
		],
	],
	true,
);

/** What `explain` finds: the first word of a row of the table. */
export type Explanation = string;

/**
 * Why no telegram comes. `noted`: what bytes that are no telegram look like, null where none came; `notifications`: frames that the key has opened and that hold DLMS; `faults`: those since the last telegram;
 * `received`: bytes since then.
 */
export function explain(noted: Hints | null, faults: Faults, notifications: number, received: number): Explanation {
	if (received === 0) return "nothing";
	const hints = noted ?? createHints();
	if (hints.header > 0 && hints.high > 0) return "header";
	if (hints.mbus > 0) return "mbus";
	if (hints.hdlc > 0) return "hdlc";
	if (notifications > 0) return "dlms";
	return explainLine(hints, faults) ?? explainFaults(hints, faults) ?? explainRest(hints, faults);
}

/** The sentence for the owner. */
export function tellExplanation(explanation: Explanation): string {
	for (const [name, sentence] of sentences) if (name === explanation) return sentence;
	throw new Error(`nothing is explained by ${explanation}`);
}

export function listExplanations(): string[] {
	return sentences.map(([name]) => name);
}

/** What the line does to all bytes alike. */
function explainLine(hints: Hints, faults: Faults): Explanation | null {
	const { looked, high, text, text7, even, hex } = hints;
	if (looked < 32) return null;
	const isEven = even >= 0.98 * looked || even <= 0.02 * looked;
	if (isEven && text7 >= 0.95 * looked && high >= 0.1 * looked) return "parity";
	if (hex >= 0.97 * looked && hints.objects === 0) return "hexDump";
	const frames = faults.damaged + faults.wrongKey + faults.crc + faults.expired + faults.wrongAuthenticationKey;
	if (hints.telnet > 1 && hints.oddRuns > hints.evenRuns && frames === 0 && high < 0.3 * looked) return "telnet";
	if (frames > 0 && hints.evenRuns > 1 && hints.oddRuns === 0) return "telnet";
	if (frames === 0) return null;
	if (text >= 0.97 * looked) return hints.objects > 0 ? explainEnds(hints, faults) : null;
	// Of random bytes one in 256 is each of them.
	const { carriageReturns, lineFeeds } = hints;
	const isOneMissing = carriageReturns === 0 ? lineFeeds > 0 : lineFeeds === 0;
	return looked >= 400 && isOneMissing && carriageReturns + lineFeeds >= looked / 256 ? "lineEnds" : null;
}

/** A telegram in clear whose line ends are not those that its CRC was made of. */
function explainEnds(hints: Hints, faults: Faults): Explanation | null {
	const { carriageReturns, lineFeeds, lineEnds, doubleEnds } = hints;
	const isWhole = faults.crc > 0 || lineFeeds === 0;
	return isWhole && (lineEnds === 0 || doubleEnds > 0) && carriageReturns + lineFeeds > 2 ? "lineEnds" : null;
}

/** What the frames that came suffer from. */
function explainFaults(hints: Hints, faults: Faults): Explanation | null {
	const { damaged, wrongKey, keyMissing, securityControl } = faults;
	// In noise, something looks like the beginning of a frame now and then.
	const isFrame = hints.head !== 0;
	if (keyMissing > 1 || (keyMissing > 0 && isFrame)) return "keyMissing";
	if (securityControl > damaged + wrongKey && isFrame) return "securityControl";
	if (faults.wrongAuthenticationKey > 0) return "wrongAuthenticationKey";
	if (faults.unauthenticated > 0) return "unauthenticated";
	if (faults.replay > 1) return "replay";
	if (faults.crcMissing > 0) return "crcMissing";
	if (damaged + wrongKey > 0) {
		if (hints.cut > 0) return "cut";
		if (hints.lossy > 0) return "lossy";
	}
	if (damaged + faults.crc > 0) return "damaged";
	if (faults.notTelegram > 0) return "notTelegram";
	return wrongKey > 1 || (wrongKey > 0 && isFrame) ? "wrongKey" : null;
}

function explainRest({ looked, text, objects }: Hints, faults: Faults): Explanation {
	if (looked >= 32 && text >= 0.97 * looked && objects === 0) return "text";
	return faults.expired > 0 ? "expired" : "noise";
}
