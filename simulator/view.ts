import type { BrokerAddress } from "./arguments.js";
import type { CoreTelegram } from "./core.js";

/** What a person sees of a run: plain lines, and on a terminal colours and a line that counts down. */
export interface View {
	line(text: string): void;
	telegram(view: TelegramView): void;
	/** Replaces the last line on a terminal; nothing elsewhere. */
	progress(text: string): void;
}

export interface TelegramView {
	number: number;
	about: string;
	bytes: number;
	telegram: CoreTelegram;
	/** The state message. */
	payload: string;
	topic: string;
}

export interface Output {
	write(text: string): void;
	isTerminal: boolean;
	colours: boolean;
}

export function createView(output: Output): View {
	const erase = output.isTerminal ? "\r\u001b[K" : "";
	const style = (code: number, text: string) => (output.colours ? `\u001b[${code}m${text}\u001b[0m` : text);
	const line = (text: string) => output.write(`${erase}${text}\n`);
	return {
		line,
		telegram({ number, about, bytes, telegram, payload, topic }) {
			const { verdict, frameCounter } = telegram;
			const counter = frameCounter === null ? "" : `, frame counter ${frameCounter}`;
			const good = verdict === "crc-only" ? 33 : 32;
			line("");
			line(`Telegram ${number}: ${style(good, verdict)}, ${bytes} bytes${counter} (${about})`);
			for (const text of describeState(payload)) line(`  ${text}`);
			line(`  ${style(36, topic)} (${Buffer.byteLength(payload)} bytes)`);
		},
		progress(text) {
			if (output.isTerminal) output.write(`${erase}${style(2, text)}`);
		},
	};
}

interface State {
	[name: string]: unknown;
	devices?: { type: string; value?: number; unit?: string; time?: string }[];
}

/** The main values of a state message, for people. */
function describeState(payload: string): string[] {
	// Written by our own core in this run; names are looked up one by one.
	const state = JSON.parse(payload) as State;
	const part = (label: string, name: string, unit: string) =>
		state[name] === undefined ? [] : [`${label} ${state[name]} ${unit}`.trim()];
	const phases = [1, 2, 3].flatMap(phase => part(`L${phase}`, `voltage_l${phase}`, "V"));
	const devices = (state.devices ?? []).flatMap(({ type, value, unit = "", time }) =>
		value === undefined ? [] : [`${type} ${value} ${unit}${time === undefined ? "" : ` (${time})`}`],
	);
	const lines = [
		[...part("meter", "serial", ""), ...part("at", "time", "")],
		[
			...part("energy import", "active_energy_import", "kWh"),
			...part("export", "active_energy_export", "kWh"),
			...part("power import", "active_power_import", "kW"),
			...part("export", "active_power_export", "kW"),
		],
		phases,
		devices,
	];
	return lines.filter(parts => parts.length > 0).map(parts => parts.join(", "));
}

/** The command that shows everything published. Credentials are left for the reader to fill in. */
export function formatSubscription(address: BrokerAddress, base: string): string {
	const user = address.user === undefined ? "" : " -u USER";
	const password = address.password === undefined ? "" : " -P PASSWORD";
	const secure = address.secure ? " --tls-use-os-certs" : "";
	return `mosquitto_sub -h ${address.host} -p ${address.port}${secure}${user}${password} -t '${base}/#' -v`;
}
