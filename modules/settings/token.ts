/** Makes the token of the page. */

/** Without those that look alike: 32 letters and digits are 5 bits each. */
const letters = "abcdefghijkmnpqrstuvwxyz23456789";
const groups = 4;
const groupLength = 4;

/** `k7mq-3vfd-x2ta-9hcw`: 80 bits of chance, to be copied by a person. `random` is 0 to below 1. */
export function makeToken(random: () => number): string {
	let token = "";
	for (let at = 0; at < groups * groupLength; at += 1) {
		if (at > 0 && at % groupLength === 0) token += "-";
		token += letters.charAt(Math.floor(random() * letters.length));
	}
	return token;
}
