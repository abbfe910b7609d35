/** CRC-16/ARC bit by bit, straight from its definition (polynomial 0x8005 reflected, start 0): slow, and no table to get wrong. */
export function slowChecksum(bytes: Uint8Array): number {
	let remainder = 0;
	for (const byte of bytes) {
		remainder ^= byte;
		for (let bit = 0; bit < 8; bit += 1) {
			const carry = remainder % 2;
			remainder = Math.floor(remainder / 2);
			if (carry === 1) remainder ^= 0xa001;
		}
	}
	return remainder;
}

/** Closes a telegram that ends in `!`: four upper-case digits, CR LF. */
export function closeTelegram(body: string): string {
	if (!body.startsWith("/") || !body.endsWith("!")) throw new Error("a telegram's body goes from / to !");
	const checksum = slowChecksum(Uint8Array.from(Buffer.from(body, "latin1")));
	return `${body}${checksum.toString(16).toUpperCase().padStart(4, "0")}\r\n`;
}

/** A telegram of the given data lines, with identification, empty line and CRC. */
export function telegramOf(lines: readonly string[], identification = "Lux5\\253663629_D"): string {
	return closeTelegram(`/${identification}\r\n\r\n${lines.map(line => `${line}\r\n`).join("")}!`);
}
