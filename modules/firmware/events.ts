/** What the uplink and the outbox tell the firmware, and ask it for. */
import type { Announcer, Message, Payload } from "../messages/chunks.js";
import { installWord } from "../messages/homeassistant/entity.js";
import { statusTopic } from "../messages/topics.js";
import type { UplinkEvents } from "../uplink/state.js";
import { takeForgotten } from "./forget.js";
import { guard, noteException } from "./guard.js";
import { announceDevices, birthTopic, commandTopic } from "./publish.js";
import { offerDiagnostics, wake } from "./run.js";
import type { Firmware, Owner } from "./state.js";
import { tellAllStatuses } from "./status.js";
import { installOffered, offerUpdateState } from "./update-call.js";
import { beginValues, takeValue } from "./values.js";

/** A class, whose methods lie in flash: each function that is made at the boot takes eleven slots of XS and a copy of its code. */
export class FirmwareEvents implements Owner, UplinkEvents, Announcer {
	/** Set when it is made, before anything is told. */
	firmware!: Firmware;

	onChange(): void {
		wake(this.firmware);
	}

	/** The broker accepted: what it must know, and who we are. */
	onOnline(): void {
		const { firmware } = this;
		offerDiagnostics(firmware);
		guard(firmware, "status", tellAllStatuses, null);
		guard(firmware, "layouts", beginValues, null);
		guard(firmware, "discovery", announceDevices, null);
		guard(firmware, "update", offerUpdateState, null);
	}

	listSubscriptions(): string[] {
		return [birthTopic(this.firmware), commandTopic(this.firmware)].filter(topic => topic !== null);
	}

	/** Home Assistant has started, and has forgotten what was not retained; or it wants the update that is offered. */
	onMessage(topic: string, payload: Uint8Array): void {
		const { firmware } = this;
		if (topic === birthTopic(firmware) && isWord(payload, "online")) {
			guard(firmware, "discovery", announceDevices, null);
		} else if (topic === commandTopic(firmware) && isWord(payload, installWord)) {
			installOffered(firmware);
		} else {
			return;
		}
		wake(firmware);
	}

	/** Meters that are said to be offline are so already. */
	onGoodbye(): string[] {
		const { meters, uplink } = this.firmware;
		return meters.filter(({ online }) => online).map(({ name }) => statusTopic(uplink.settings.base, name));
	}

	onException(where: string, error: unknown): void {
		noteException(this.firmware, where, error);
	}

	takeAnnouncement(): Message<Payload> | null {
		const { firmware } = this;
		return takeForgotten(firmware) ?? firmware.discovery?.takeAnnouncement() ?? null;
	}

	takeValue(): Message<Payload> | null {
		return takeValue(this.firmware);
	}
}

function isWord(payload: Uint8Array, word: string): boolean {
	if (payload.length !== word.length) return false;
	for (let at = 0; at < word.length; at += 1) if (payload[at] !== word.charCodeAt(at)) return false;
	return true;
}
