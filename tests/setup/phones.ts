/** An access point in memory, and phones on it that do what each system does. */

import type { AccessPointOptions, Admit, OnDatagramFrom, Stream, StreamEvents } from "../../modules/ports/ports.js";
import type { FakeWorld } from "../support/fake-ports.js";
import { type ReadAnswer, readAnswer } from "../web/bodies.js";

/** What the reader opened for phones. */
export interface Air {
	/** Null while there is none. */
	options: AccessPointOptions | null;
	readonly listeners: Map<number, Admit>;
	readonly names: Map<number, OnDatagramFrom>;
	/** Answers to datagrams, and to whom. */
	readonly answers: { bytes: Uint8Array; address: string; port: number }[];
	/** How often the access point was opened. */
	opened: number;
	/** What cannot be opened now. */
	readonly broken: Set<"accessPoint" | "names" | "listener">;
}

/** Gives the world's ports an access point. */
export function addAir(world: FakeWorld): Air {
	const air: Air = {
		options: null,
		listeners: new Map(),
		names: new Map(),
		answers: [],
		opened: 0,
		broken: new Set(),
	};
	const fail = (what: "accessPoint" | "names" | "listener") => {
		if (air.broken.has(what)) throw new Error(`no ${what}`);
	};
	Object.assign(world.ports, {
		openAccessPoint(options: AccessPointOptions) {
			fail("accessPoint");
			if (air.options !== null) throw new Error("opened twice");
			air.options = options;
			air.opened += 1;
			return {
				close() {
					air.options = null;
				},
			};
		},
		openDatagrams(port: number, onDatagram: OnDatagramFrom) {
			fail("names");
			air.names.set(port, onDatagram);
			return {
				send: (bytes: Uint8Array, address: string, to: number) => void air.answers.push({ bytes, address, port: to }),
				close: () => void air.names.delete(port),
			};
		},
		openListener(port: number, admit: Admit) {
			fail("listener");
			air.listeners.set(port, admit);
			return { close: () => void air.listeners.delete(port) };
		},
	});
	return air;
}

export type System = "iOS" | "Android" | "Windows" | "Firefox" | "GNOME";

/** Where each system asks whether there is internet, and what it hears where there is. */
const probes: Record<System, { url: string; old?: true; isInternet: (answer: ReadAnswer) => boolean }> = {
	iOS: {
		url: "http://captive.apple.com/hotspot-detect.html",
		old: true,
		isInternet: ({ status, body }) => status === 200 && /<BODY>\s*Success\s*<\/BODY>/.test(body),
	},
	Android: {
		url: "http://connectivitycheck.gstatic.com/generate_204",
		// AOSP's NetworkMonitor: a 200 without a body counts as well.
		isInternet: ({ status, header }) => status === 204 || (status === 200 && header.includes("Content-Length: 0\r\n")),
	},
	Windows: {
		url: "http://www.msftconnecttest.com/connecttest.txt",
		isInternet: ({ status, body }) => status === 200 && body === "Microsoft Connect Test",
	},
	Firefox: {
		url: "http://detectportal.firefox.com/success.txt?ipv4",
		isInternet: ({ status, body }) => status === 200 && body.trim() === "success",
	},
	GNOME: {
		url: "http://nmcheck.gnome.org/check_network_status.txt",
		isInternet: ({ body }) => body.trim() === "NetworkManager is online",
	},
};

export const systems = Object.keys(probes) as System[];

/** One that was given an address by the access point. */
export interface Phone {
	readonly language: string;
	/** What it knows of the page that it shows. */
	page: ReadAnswer;
	/** Whether its system believes that there is internet. */
	probe(): boolean;
	/** Follows what the system does when there is none: the portal in a window. */
	openPortal(): ReadAnswer;
	get(url: string): ReadAnswer;
	/** Presses the button of the form with this action, with these fields. */
	press(action: string, fields?: Readonly<Record<string, string>>): ReadAnswer;
}

export function createPhone(
	world: FakeWorld,
	air: Air,
	system: System = "Android",
	language = "en-GB,en;q=0.9",
): Phone {
	const { url, old, isInternet } = probes[system];
	const fetchOne = (method: string, target: URL, body: string | null, isOld = false): ReadAnswer => {
		const isLiteral = /^[\d.]+$/.test(target.hostname);
		const address = isLiteral ? target.hostname : resolve(air, target.hostname);
		if (address !== "192.168.4.1") throw new Error(`${target.hostname} is ${address}, where nobody is`);
		const origin = body === null ? "" : `Origin: http://${target.host}\r\n`;
		const form = body === null ? "" : `Content-Type: application/x-www-form-urlencoded\r\n${length(body)}`;
		const header = `Host: ${target.host}\r\nAccept-Language: ${language}\r\n${origin}${form}Connection: close\r\n`;
		const version = isOld ? "HTTP/1.0" : "HTTP/1.1";
		return exchange(
			world,
			air,
			`${method} ${target.pathname}${target.search} ${version}\r\n${header}\r\n${body ?? ""}`,
		);
	};
	const follow = (method: string, from: string, body: string | null): ReadAnswer => {
		let target = new URL(from);
		let answer = fetchOne(method, target, body);
		for (let hops = 0; answer.status === 302 || answer.status === 303; hops += 1) {
			if (hops > 5) throw new Error("a redirect without end");
			target = new URL(/\r\nLocation: (\S+)\r\n/.exec(answer.header)![1]!, target);
			answer = fetchOne("GET", target, null);
		}
		phone.page = answer;
		return answer;
	};
	const phone: Phone = {
		language,
		page: { status: 0, header: "", body: "", chunks: [] },
		probe: () => isInternet(fetchOne("GET", new URL(url), null, old === true)),
		openPortal() {
			const answer = fetchOne("GET", new URL(url), null, old === true);
			if (isInternet(answer)) throw new Error("no window opens: there is internet");
			// A redirect alone does not open iOS's window.
			if (answer.body.length === 0) throw new Error("no window opens: an empty answer");
			return follow("GET", system === "Windows" ? "http://www.msftconnecttest.com/redirect" : url, null);
		},
		get: address => follow("GET", address, null),
		press(action, fields = {}) {
			if (!phone.page.body.includes(`action="${action}"`)) throw new Error(`no button ${action}`);
			const body = new URLSearchParams({ ...readFields(phone.page.body, action), ...fields }).toString();
			return follow("POST", `http://192.168.4.1${action}`, body);
		},
	};
	return phone;
}

function length(body: string): string {
	return `Content-Length: ${Buffer.byteLength(body)}\r\n`;
}

/** What a browser would send of a form without a touch: the values of its fields; boxes are not ticked. */
export function readFields(page: string, action: string): Record<string, string> {
	const form = page.slice(page.indexOf(`action="${action}"`)).split("</form>")[0]!;
	const fields: Record<string, string> = {};
	for (const [input] of form.matchAll(/<input[^>]*>/g)) {
		const name = /name="([^"]*)"/.exec(input)![1]!;
		if (!input.includes('type="checkbox"')) fields[name] = fromHtml(/value="([^"]*)"/.exec(input)?.[1] ?? "");
	}
	return fields;
}

function fromHtml(text: string): string {
	return text
		.replaceAll("&#39;", "'")
		.replaceAll("&quot;", '"')
		.replaceAll("&gt;", ">")
		.replaceAll("&lt;", "<")
		.replaceAll("&amp;", "&");
}

/** Sends a request and reads the answer to the connection's end. */
export function exchange(world: FakeWorld, air: Air, request: string, remote = "192.168.4.2"): ReadAnswer {
	const text = exchangeRaw(world, air, request, remote);
	if (text === null) throw new Error("the connection was refused");
	return readAnswer(text);
}

/** Null where nobody takes the connection. */
export function exchangeRaw(world: FakeWorld, air: Air, request: string, remote = "192.168.4.2"): string | null {
	const admit = air.listeners.get(80);
	if (admit === undefined) return null;
	const pieces: Uint8Array[] = [];
	let isClosed = false;
	const stream: Stream = {
		remote,
		write(bytes, start, end) {
			pieces.push(bytes.slice(start, end));
			return end - start;
		},
		close() {
			isClosed = true;
		},
	};
	const events: StreamEvents | null = admit(() => stream);
	if (events === null) return null;
	const bytes = new TextEncoder().encode(request);
	for (let at = 0; at < bytes.length && !isClosed; at += 512) {
		const piece = bytes.slice(at, at + 512);
		events.onData(piece, piece.length);
	}
	world.clock.pass(50);
	if (!isClosed) throw new Error("the connection stays open");
	return Buffer.concat(pieces).toString();
}

/** Asks for an address as a phone's resolver does, with EDNS behind the question. */
export function resolve(air: Air, name: string, type = 1): string | null {
	const labels = name.split(".").flatMap(label => [label.length, ...Buffer.from(label)]);
	const question = [...labels, 0, 0, type, 0, 1];
	const query = Uint8Array.from([
		...[0x12, 0x34, 0x01, 0x00, 0, 1, 0, 0, 0, 0, 0, 1],
		...question,
		...[0, 0, 41, 0x10, 0, 0, 0, 0, 0, 0, 0],
	]);
	const before = air.answers.length;
	air.names.get(53)?.(query, "192.168.4.2", 40_000);
	const answer = air.answers[before];
	if (answer === undefined || answer.port !== 40_000) return null;
	const { bytes } = answer;
	if (bytes[0] !== 0x12 || bytes[1] !== 0x34 || (bytes[2]! & 0x80) === 0 || (bytes[3]! & 15) !== 0) return null;
	return bytes[7] === 1 ? bytes.slice(-4).join(".") : null;
}
