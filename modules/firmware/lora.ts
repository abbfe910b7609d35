/** LoRa: the part of a board's image that has a radio, driven from the alarm; telegrams and late quarter hours for it. */
import { note } from "../health/log.js";
import type { History } from "../history/history.js";
import { createLoraQuarters, endLora, peekLora, takeLora } from "../history/lora-quarters.js";
import type { LorawanPart, SenderHost } from "../lorawan/part-type.js";
import type { QuarterReading } from "../lorawan/payload.js";
import { parseHex } from "../p1/hex.js";
import type { Ports } from "../ports/ports.js";
import type { Settings } from "../settings/settings.js";
import type { Arrival, Firmware, Lora, Owner } from "./state.js";
import { isAnyReading } from "./steps.js";

/** Null where nothing goes over LoRa. What is wrong is added to `problems`. `owner` has the firmware later. */
export function createLora(
	part: LorawanPart | null,
	config: Readonly<Record<string, unknown>>,
	ports: Ports,
	{ lora: settings }: Settings,
	history: History,
	problems: string[],
	owner: Owner,
): Lora | null {
	if (settings === null) return null;
	const devEui = settings.devEui ?? makeEui(ports.device.readMac?.() ?? "");
	if (part === null) problems.push("lora is set, and this board has no radio.");
	else if (devEui === null) problems.push("loraDevEui is not set, and this board knows no address of its own.");
	if (part === null || devEui === null) return null;
	const { quarters } = history;
	const late = settings.mode === "lorawan" && quarters !== null ? createLoraQuarters(quarters) : null;
	const host = new LoraHost(ports, config, owner);
	return { sender: part.createSender({ ...settings, devEui }, host, ports.clock.now()), late };
}

/** A class, whose methods lie in flash. */
class LoraHost implements SenderHost {
	readonly ports: Ports;
	readonly config: SenderHost["config"];
	private readonly owner: Owner;

	constructor(ports: Ports, config: SenderHost["config"], owner: Owner) {
		this.ports = ports;
		this.config = config;
		this.owner = owner;
	}

	note(text: string): void {
		note(this.owner.firmware.log, `lora: ${text}`, this.ports.clock.now());
	}

	onRadio(): void {
		this.owner.firmware.uplink.events.onChange();
	}

	peekLate(): QuarterReading | null {
		const { lora, history } = this.owner.firmware;
		const late = lora?.late ?? null;
		return late === null ? null : peekLora(history.quarters!, late);
	}

	takeLate(): void {
		takeLora(this.owner.firmware.lora!.late!);
	}

	endLate(arrived: boolean): void {
		const { lora, history } = this.owner.firmware;
		endLora(history.quarters!, lora!.late!, arrived);
	}
}

/** EUI-64 of a MAC address; null without one. */
function makeEui(mac: string): Uint8Array | null {
	return mac.length === 12 ? parseHex(`${mac.slice(0, 6)}FFFE${mac.slice(6)}`) : null;
}

/** To be called in each run. */
export function runLora(firmware: Firmware, now: number): void {
	const { lora } = firmware;
	if (lora !== null) lora.sender.run(isAnyReading(firmware), now);
}

/** Of the first meter, unless its tag is missing that others had: a frame has no place to say so. */
export function offerLora({ lora, meters }: Firmware, { meter, telegram }: Arrival): void {
	if (lora !== null && meter === meters[0]) lora.sender.offer(telegram);
}

/** Whether this meter's quarter hours go over LoRa. */
export function awaitsLora({ lora, meters }: Firmware, meter: Arrival["meter"]): boolean {
	return lora !== null && lora.late !== null && meter === meters[0];
}

export function loraDeadline({ lora }: Firmware): number {
	return lora === null ? Infinity : lora.sender.deadline;
}

/** For diagnostics; null where it is off. */
export function describeLora({ lora, ports }: Firmware): object | null {
	if (lora === null) return null;
	const { sender, late } = lora;
	const quarters = late === null ? null : { delivered: late.delivered, lost: late.lost };
	return { state: sender.state, ...sender.describe(ports.clock.now()), quarters };
}

/** For the console: `lora status`, `lora join`. */
export function commandLora({ lora, ports }: Firmware, word: string): string[] {
	if (lora === null) return ["lora is off, or this board has no radio"];
	const { sender } = lora;
	const now = ports.clock.now();
	if (word === "join") return [sender.rejoin(now) ? "joining anew" : "nothing is joined in this mode"];
	return word === "status" || word === "" ? sender.tell(now) : ["lora status, or lora join"];
}
