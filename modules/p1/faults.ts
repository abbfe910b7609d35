/**
 * Everything that can be wrong with bytes from the wire: one closed list. `docs/faults.md` tells what each means and what to
 * do about it. A fault is counted and the bytes are dropped; it is never thrown.
 */
export interface Faults {
	/** A frame began and its rest did not come: two seconds without a byte, or the end of a capture. */
	expired: number;
	/** A frame's length field is below 17 or above the cap, or a plain telegram outgrew the cap. */
	length: number;
	/** A security control byte other than 0x30 and 0x20. */
	securityControl: number;
	/** A ciphered frame came and no key is set. */
	keyMissing: number;
	/** The plaintext does not begin like a telegram: wrong key, or damage to the frame's header or first block. */
	wrongKey: number;
	/** The plaintext is a telegram with a good CRC, yet the tag does not match: wrong authentication key. */
	wrongAuthenticationKey: number;
	/** The plaintext begins like a telegram, and neither tag nor CRC matches: bytes were lost or flipped. */
	damaged: number;
	/** What looks like frames came at such a rate that this one was not examined: the bytes received do not pay for it. */
	unexamined: number;
	/** A good telegram that nothing authenticates, refused because authentication is required. */
	unauthenticated: number;
	/** A telegram, in clear or authenticated, whose CRC does not match. */
	crc: number;
	/** A telegram without a CRC, where nothing else vouches for it. */
	crcMissing: number;
	/** An authenticated frame that does not hold a telegram (a DLMS data-notification, for instance). */
	notTelegram: number;
	/** An authenticated frame whose frame counter has been seen or passed. */
	replay: number;
	/** A telegram of a meter whose line is another one: plugs were swapped. It is read, and its values are its own. */
	swapped: number;
	/** One line of an accepted telegram that has not the form of one. The telegram's other lines count. */
	line: number;
	/** A value of a known object that is no number, or in no unit, that the object can have. It is kept as printed. */
	value: number;
	/** A number with more decimals than are kept. It is rounded. */
	rounded: number;
	/** A register that came before in the same telegram. The last one counts. */
	repeated: number;
	/** A capture time that cannot be read, or that lies more than a day after the telegram's own. The index counts without it. */
	captureTime: number;
	/** An unknown object more than are kept of a telegram, or a name or a message that is cut because it is too long. */
	excess: number;
}

export type Fault = keyof Faults;

const none: Readonly<Faults> = Object.freeze({
	expired: 0,
	length: 0,
	securityControl: 0,
	keyMissing: 0,
	wrongKey: 0,
	wrongAuthenticationKey: 0,
	damaged: 0,
	unexamined: 0,
	unauthenticated: 0,
	crc: 0,
	crcMissing: 0,
	notTelegram: 0,
	replay: 0,
	swapped: 0,
	line: 0,
	value: 0,
	rounded: 0,
	repeated: 0,
	captureTime: 0,
	excess: 0,
});

export const faultNames: readonly Fault[] = Object.freeze(Object.keys(none) as Fault[]);

export function createFaults(): Faults {
	return { ...none };
}
