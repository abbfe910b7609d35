/** The command line of `npm start` without a real meter. */

import { parseWords } from "../gateway/words.js";
import { findSetting, validateValue } from "../modules/settings/settings.js";
import type { EngineName } from "./engines/contract.js";

export interface BrokerAddress {
	host: string;
	port: number;
	/** TLS. */
	secure: boolean;
	user?: string;
	password?: string;
}

export interface StartArguments {
	engine: EngineName;
	/** Null brings a broker along. */
	broker: BrokerAddress | null;
	/** Milliseconds from one telegram to the next. */
	period: number;
	/** Stop after so many; null goes on. */
	telegrams: number | null;
	/** File for the bytes of the line. */
	capture: string | null;
	/** What Home Assistant is told; null leaves it to the firmware. */
	discovery: string | null;
	/** Port for the web page, `off`, or null for one that is free. */
	webPort: number | "off" | null;
	help: boolean;
}

export const usage = `Usage: npm start -- [options]

  --engine node|xs            where the firmware runs: Node, or a real XS machine (npm run xs builds it)   [node]
  --broker mqtt://HOST:PORT   publish to this broker, or HOST:PORT; mqtts:// for TLS, USER:PASSWORD@ before HOST   [one is brought along]
  --period SECONDS            from one telegram to the next   [10]
  --telegrams N               stop after N telegrams   [go on until Ctrl-C]
  --discovery MODE            what Home Assistant is told: device, entity or off   [device]
  --webPort PORT              where browsers on this computer find the page, or off   [a free port]
  --capture FILE              also write the bytes of the meter to FILE, as a P1 cable would carry them
`;

/** The settings, or one line that says what is wrong with the arguments. */
export function readStartArguments(words: readonly string[]): StartArguments | string {
	const text = { type: "string" } as const;
	const names = ["engine", "broker", "period", "telegrams", "capture", "discovery", "webPort"];
	const options = Object.fromEntries(names.map(name => [name, text]));
	const values = parseWords(words, { ...options, help: { type: "boolean", short: "h" } });
	if (typeof values === "string") return values;
	const { engine = "node", broker, period = "10", telegrams, capture, discovery, webPort } = values;
	if (engine !== "node" && engine !== "xs") return `--engine is node or xs, not ${engine}`;
	const seconds = readNumber(String(period));
	if (!(seconds >= 0.1 && seconds <= 3600)) return `--period is a number of seconds from 0.1 to 3600, not ${period}`;
	const count = telegrams === undefined ? null : readNumber(String(telegrams));
	if (count !== null && !(Number.isSafeInteger(count) && count > 0)) {
		return `--telegrams is a whole number from 1, not ${telegrams}`;
	}
	const address = broker === undefined ? null : readBroker(String(broker));
	if (typeof address === "string") return address;
	const mode = discovery === undefined ? null : String(discovery);
	const fault = mode === null ? null : validateValue(findSetting("discovery"), mode);
	if (fault !== null) return `--${fault}`;
	const web = webPort === undefined ? null : String(webPort);
	const refusal = web === null ? null : validateValue(findSetting("webPort"), web);
	if (refusal !== null) return `--${refusal}`;
	const file = capture === undefined ? null : String(capture);
	return {
		engine,
		broker: address,
		period: seconds * 1000,
		telegrams: count,
		capture: file,
		discovery: mode,
		webPort: web === null || web === "off" ? web : Number(web),
		help: values.help === true,
	};
}

/** A broker's URL. The complaint does not repeat it, because there may be a password in it. */
export function readBroker(text: string): BrokerAddress | string {
	const complaint = "--broker is a URL like mqtt://192.168.1.5:1883 or mqtts://user:password@broker.example";
	// `localhost:1883` would be a URL of the scheme `localhost`.
	const whole = text.includes("://") ? text : `mqtt://${text}`;
	if (!URL.canParse(whole)) return complaint;
	const url = new URL(whole);
	const secure = url.protocol === "mqtts:";
	if (!secure && url.protocol !== "mqtt:") return complaint;
	if (url.hostname === "" || url.search !== "" || url.hash !== "" || !["", "/"].includes(url.pathname))
		return complaint;
	if (url.port === "0") return complaint;
	if (url.password !== "" && url.username === "") return "--broker has a password and no user";
	const address: BrokerAddress = { host: url.hostname, port: Number(url.port || (secure ? 8883 : 1883)), secure };
	// The firmware reaches names and IPv4 addresses.
	const fault = validateValue(findSetting("broker"), formatBroker(address));
	if (fault !== null) return `--${fault}`;
	try {
		if (url.username !== "") address.user = decodeURIComponent(url.username);
		if (url.password !== "") address.password = decodeURIComponent(url.password);
	} catch {
		return "--broker has a % in its user or password that is not followed by two hexadecimal digits";
	}
	return address;
}

export function formatBroker({ host, port, secure }: BrokerAddress): string {
	return `${secure ? "mqtts" : "mqtt"}://${host}:${port}`;
}

function readNumber(text: string): number {
	return /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
}
