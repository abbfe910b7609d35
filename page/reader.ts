/** The way to the reader: one request at a time, with the token where one is given. */

/** What `/status` says. */
export interface Status {
	version: string;
	uptime: number;
	/** Rises with each boot. */
	boot: number;
	medium: string;
	network: string;
	address: string | null;
	signal: number | null;
	/** Null where none is set. */
	broker: string | null;
	failure: string | null;
	/** The key that the broker showed with TLS, what is known of it, and whether it is pinned; null without TLS. */
	tls: { key: string | null; verdict: string; pinned: boolean } | null;
	/** Whether LoRa is well, and how it is; absent where it is off. */
	lora?: [boolean, string];
	problems: string[];
	/** Null where others replace the program. `open`: it has a key to know updates by; `trial`: it is new, and not kept yet. */
	update: { board: string; sequence: number; open: boolean; trial: boolean } | null;
	/** None where the reader only counts pulses. */
	meters: MeterStatus[];
	/** Counters of pulses: W or null, and Wh. */
	counters: { name: string; power: number | null; energy: number }[];
}

export interface MeterStatus {
	name: string;
	/** What people call it, or null. */
	label: string | null;
	state: string;
	explanation: string | null;
	/** Milliseconds since the last telegram, or null. */
	age: number | null;
	telegrams: string;
	power: Power | null;
}

/** The power class account, as in the topic `power`. */
export interface Power {
	time: string;
	class: number;
	quarter: string;
	quarter_energy?: number;
	quarter_power?: number;
	quarter_forecast?: number;
	exceeded_today: number;
	exceeded_month: number;
	missing_month: number;
	cost_month?: number;
	peak_month?: number;
	peak_time?: string;
}

/** What `/state` says. */
export interface State {
	[register: string]: unknown;
	verdict: string;
	time?: string;
	devices?: { type: string; id?: string; value?: number; unit?: string; time?: string }[];
}

/** The reader's answer was no. */
export class Refusal extends Error {
	constructor(
		readonly status: number,
		readonly text: string,
	) {
		super(`${status}`);
	}
}

const tokenName = "token";
/** A reader that is switched off answers nothing at all. */
const timeoutMs = 60_000;

let last: Promise<unknown> = Promise.resolve();

/**
 * Sends one request after the other: the reader has few places. `take` gets the answer, and the place is free when that is done. Rejects
 * with a `Refusal` for every other status than 200.
 */
function ask<Taken>(path: string, body: string | null, take: (response: Response) => Promise<Taken>): Promise<Taken> {
	const send = async () => {
		const token = sessionStorage.getItem(tokenName);
		const headers: Record<string, string> = token === null ? {} : { Authorization: `Bearer ${token}` };
		if (body !== null) headers["Content-Type"] = "application/json";
		const signal = AbortSignal.timeout(timeoutMs);
		const response = await fetch(path, { method: body === null ? "GET" : "POST", headers, body, signal });
		if (!response.ok) throw new Refusal(response.status, await response.text());
		return take(response);
	};
	return queue(send);
}

function queue<Taken>(send: () => Promise<Taken>): Promise<Taken> {
	const next = last.then(send);
	last = next.catch(() => {});
	return next;
}

/** Gives an update to the reader; `onProgress` gets how much of it is there, 0 to 1. `fetch` does not tell. */
export function sendUpdate(image: Blob, onProgress: (share: number) => void): Promise<void> {
	const send = () =>
		new Promise<void>((done, fail) => {
			const request = new XMLHttpRequest();
			request.upload.onprogress = ({ loaded, total }) => onProgress(loaded / total);
			request.onload = () =>
				request.status === 200 ? done() : fail(new Refusal(request.status, request.responseText));
			request.onerror = fail;
			request.open("POST", "/update");
			request.setRequestHeader("Authorization", `Bearer ${sessionStorage.getItem(tokenName)}`);
			request.send(image);
		});
	return queue(send);
}

export function askJson<Answer>(path: string): Promise<Answer> {
	return ask(path, null, response => response.json());
}

export function askText(path: string): Promise<string> {
	return ask(path, null, response => response.text());
}

export function askBytes(path: string): Promise<Uint8Array> {
	return ask(path, null, async response => new Uint8Array(await response.arrayBuffer()));
}

/** Hands over pieces of `length` bytes while they come. */
export function askPieces(path: string, length: number, onPiece: (piece: Uint8Array) => void): Promise<void> {
	return ask(path, null, async response => {
		let rest = new Uint8Array(0);
		const reader = response.body!.getReader();
		for (;;) {
			const { value } = await reader.read();
			if (value === undefined) return;
			const all = new Uint8Array(rest.length + value.length);
			all.set(rest);
			all.set(value, rest.length);
			let at = 0;
			for (; at + length <= all.length; at += length) onPiece(all.slice(at, at + length));
			rest = all.slice(at);
		}
	});
}

/** What became of settings. */
export interface Answer {
	complaints: [name: string, text: string][];
	restart: boolean;
}

/** Gives settings to the reader; those that are refused come back with complaints. */
export async function sendSettings(changes: Record<string, string | null>): Promise<Answer> {
	try {
		return await ask("/settings", JSON.stringify(changes), response => response.json());
	} catch (error) {
		if (error instanceof Refusal && error.status === 422) return JSON.parse(error.text);
		throw error;
	}
}

/** The token counts for this tab until it is closed; null forgets it. */
export function setToken(token: string | null): void {
	if (token === null) sessionStorage.removeItem(tokenName);
	else sessionStorage.setItem(tokenName, token);
}

export function hasToken(): boolean {
	return sessionStorage.getItem(tokenName) !== null;
}
