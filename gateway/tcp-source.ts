/** Where the meter's bytes come from in the network: an adapter that turns a serial line into TCP. */
import { connect, type Socket } from "node:net";
import type { OnReceive } from "../modules/ports/ports.js";
import type { Source } from "./source.js";

const retryMs = 2_000;
/** Without a byte for so long a connection is made anew: an adapter that was switched off says nothing. A meter sends every ten seconds. */
const silentMs = 60_000;

/** Host and port of `tcp://192.168.1.50:2000`; null for a path, and text is what is wrong with it. */
export function parseTcp(text: string): { host: string; port: number } | string | null {
	if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) return null;
	const match = /^tcp:\/\/([^\s/:@[\]]+):([0-9]{1,5})\/?$/i.exec(text);
	const port = Number(match?.[2]);
	return match !== null && port >= 1 && port <= 65_535
		? { host: match[1]!, port }
		: "it looks like tcp://192.168.1.50:2000";
}

/** What a serial-to-TCP adapter sends. It is connected again whenever it is gone. */
export function openTcp(
	{ host, port }: { host: string; port: number },
	onReceive: OnReceive,
	onState: (text: string) => void,
	silence = silentMs,
): Source {
	const name = `tcp://${host}:${port}`;
	let socket: Socket | null = null;
	let timer: NodeJS.Timeout | null = null;
	let told = "";
	const tell = (text: string) => {
		if (text !== told) onState(text);
		told = text;
	};
	const open = () => {
		let reason = `${name} has closed the connection`;
		const next = connect({ host, port });
		socket = next;
		next.setNoDelay(true);
		next.setTimeout(silence, () => {
			reason = `${name} sends nothing`;
			next.destroy();
		});
		next.on("connect", () => tell(`reading ${name}`));
		next.on("data", bytes => onReceive(bytes, bytes.length, null));
		next.on("end", () => next.destroy());
		next.on("error", error => {
			reason = `${name}: ${error.message || (error as NodeJS.ErrnoException).code}`;
		});
		next.on("close", () => {
			if (socket !== next) return;
			tell(reason);
			timer = setTimeout(open, retryMs);
		});
	};
	open();
	return {
		close() {
			const last = socket;
			socket = null;
			if (timer !== null) clearTimeout(timer);
			last?.destroy();
		},
	};
}
