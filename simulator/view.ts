/** What `npm start` shows in the terminal. */

import type { BrokerAddress } from "./arguments.js";

/** What a person sees of a run: plain lines, on a terminal with colours. */
export interface View {
	line(text: string): void;
	telegram(view: TelegramView): void;
}

export interface TelegramView {
	number: number;
	bytes: number;
	/** The reading, as it was published. */
	payload: string;
	topic: string;
}

export interface Output {
	write(text: string): void;
	colours: boolean;
}

export function createView(output: Output): View {
	const style = (code: number, text: string) => (output.colours ? `\u001b[${code}m${text}\u001b[0m` : text);
	const line = (text: string) => output.write(`${text}\n`);
	return {
		line,
		telegram({ number, bytes, payload, topic }) {
			// Written by our own firmware in this run; names are looked up one by one.
			const state = JSON.parse(payload) as State;
			const { verdict, frame_counter: frameCounter } = state;
			const counter = frameCounter === undefined ? "" : `, frame counter ${frameCounter}`;
			const good = verdict === "crc-only" ? 33 : 32;
			line("");
			line(`Telegram ${number}: ${style(good, String(verdict))}, ${bytes} bytes${counter}`);
			for (const text of describeState(state)) line(`  ${text}`);
			line(`  ${style(36, topic)} (${Buffer.byteLength(payload)} bytes)`);
		},
	};
}

interface State {
	[name: string]: unknown;
	devices?: { type: string; value?: number; unit?: string; time?: string }[];
}

/** The main values of a state message, for people. */
function describeState(state: State): string[] {
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
