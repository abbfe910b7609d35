/** The console's command `authority`: a certificate is pasted as PEM, line by line, and kept in one of two slots. */
import { parsePem, readAuthorities } from "../tls/authorities.js";
import { readCommonName } from "../tls/common-name.js";
import {
	type AuthoritySource,
	authoritySlots,
	collectAuthorities,
	keepAuthority,
	readSlot,
	removeAuthority,
} from "./authorities.js";

/** A certificate that is being pasted. */
export interface Paste {
	readonly slot: number;
	text: string;
}

/** The certificate of a root with a key of 4096 bits has 1 950 characters as PEM; texts around it are allowed. */
const longestPaste = 8_000;
const usage = "authority list, authority begin, authority remove 1 or authority remove 2";

/** What a line of a paste that is not ended yet does; the paste is null when it is over. */
export function takePasted(
	paste: Paste,
	line: string,
	source: AuthoritySource,
): { paste: Paste | null; answer: string[] } {
	const command = line.trim().toLowerCase();
	if (command === "authority cancel") return { paste: null, answer: ["nothing was kept"] };
	if (command === "authority end") return { paste: null, answer: [finish(paste, source)] };
	paste.text += `${line}\n`;
	if (paste.text.length <= longestPaste) return { paste, answer: [] };
	return { paste: null, answer: ["that is too long for one certificate; nothing was kept"] };
}

function finish({ slot, text }: Paste, { store }: AuthoritySource): string {
	const found = parsePem(text);
	if (typeof found === "string") return `${found}; nothing was kept`;
	if (found.length > 1) return "there are several certificates; nothing was kept. Each has a slot of its own";
	const complaint = keepAuthority(store, slot, found[0]);
	if (complaint !== null) return `${complaint}; nothing was kept`;
	return `authority ${slot + 1} is kept: ${describe(found[0])}; restart to use it`;
}

/** `words` are what follows `authority`. */
export function interpretAuthority(
	command: string,
	argument: string,
	names: readonly string[],
	source: AuthoritySource,
): { paste: Paste | null; answer: string[] } {
	const answer = (...lines: string[]) => ({ paste: null, answer: lines });
	const slot = argument === "" ? null : authoritySlots.findIndex((_, at) => argument === String(at + 1));
	if (slot === -1) return answer(`there are slots 1 and 2: ${usage}`);
	switch (command) {
		case "":
		case "list":
			return answer(...listAuthorities(names, source));
		case "begin": {
			const free = slot ?? authoritySlots.findIndex((_, at) => readSlot(source.store, at) === null);
			if (free < 0) return answer("both slots are in use: authority begin 1 replaces the one in slot 1");
			return {
				paste: { slot: free, text: "" },
				answer: [`paste the certificate for slot ${free + 1} as PEM, then: authority end (or authority cancel)`],
			};
		}
		case "remove":
			if (slot === null) return answer(`which one? ${usage}`);
			if (!removeAuthority(source.store, slot)) return answer(`slot ${slot + 1} is empty`);
			return answer(`authority ${slot + 1} is removed; restart to use the others`);
		default:
			return answer(`unknown command: ${usage}`);
	}
}

function listAuthorities(names: readonly string[], source: AuthoritySource): string[] {
	const lines = authoritySlots.map((_, at) => {
		const der = readSlot(source.store, at);
		return `${at + 1} ${der === null ? "empty" : typeof der === "string" ? der : describe(der)}`;
	});
	for (const name of names) {
		for (const der of source.readCertificates?.(name) ?? []) lines.push(`${name} (built in) ${describe(der)}`);
	}
	const all = collectAuthorities(names, source);
	return typeof all === "string" ? [...lines, `no broker is trusted: ${all}`] : lines;
}

/** `ISRG Root X1, until 2035-06-04` */
function describe(der: Uint8Array): string {
	const certificates = readAuthorities([der]);
	if (typeof certificates === "string") return certificates;
	const { subject, notAfter } = certificates[0];
	return `${readCommonName(subject) ?? "without a name"}, until ${new Date(notAfter).toISOString().slice(0, 10)}`;
}
