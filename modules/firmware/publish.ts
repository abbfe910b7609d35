/** What the firmware offers to the outbox: readings in all layouts, the power class, and what each connection must know. */
import { addReading } from "../history/history.js";
import { encodeRaw, type Layout } from "../messages/formats.js";
import { announceAll } from "../messages/homeassistant/discovery.js";
import { powerTopic, stateTopic, telegramTopic, updateCommandTopic } from "../messages/topics.js";
import { encodeAccount } from "../meter/account.js";
import { createRate, isDue, restartRate } from "../meter/rate.js";
import type { Telegram } from "../p1/reader.js";
import { readerName } from "../uplink/names.js";
import { offer } from "../uplink/outbox.js";
import { isOnline } from "../uplink/uplink.js";
import { guard } from "./guard.js";
import { awaitsLora } from "./lora.js";
import type { Arrival, Firmware, MeterLine } from "./state.js";
import { isOffering } from "./update.js";
import { offerValues } from "./values.js";

/** A reading that could not be sent for so long is late: it goes to `history`, because `state` is what is now. */
const freshMs = 15_000;
/** Topics that can wait at the same time: for the reader, and for each meter. */
const readerTopics = 20;
const meterTopics = 5;
const unprovenLayouts: readonly Layout[] = Object.freeze(["values"], true);

/** A meter's telegram in all layouts, unless its rate wants none of it now. */
export function offerReading(firmware: Firmware, arrival: Arrival): void {
	const { meter, telegram, state, now } = arrival;
	const { outbox, uplink, history, checked } = firmware;
	const { layouts } = checked.settings.integrations;
	// One that came too late for `state` left it without a reading of now; the next would perhaps be an hour away.
	if (outbox.expired > meter.expired) restartRate(meter.rate);
	meter.expired = outbox.expired;
	if (!isDue(meter.rate, telegram.readings, now)) return;
	offerLayouts(firmware, meter, telegram);
	offerPower(firmware, meter);
	if (!layouts.includes("json")) return;
	// Memory for later is scarce: where meters have tags, nobody without one takes theirs.
	if (meter.isAuthenticated || !meter.line.knowsTags) guard(firmware, "history", keepForLater, arrival);
	const { sequence } = arrival;
	// Texts of the grid operator, five thousand characters, wait for no broker that is away: the reading comes late, without them. Nor do
	// the messages of several meters, 1.4 KB each: the broker that is back within their fifteen seconds has the next telegrams' soon.
	const isLarge = typeof state !== "string" || firmware.lines.length > 1;
	if (isLarge && sequence !== null && !isOnline(uplink)) {
		history.giveBack(sequence);
		outbox.expired += 1;
		return;
	}
	offerState(firmware, arrival);
}

function keepForLater(firmware: Firmware, arrival: Arrival): void {
	const { meter, telegram } = arrival;
	arrival.sequence = addReading(firmware.history, telegram, meter.name, awaitsLora(firmware, meter));
}

/** What came too late for its topic comes out of the history, by its sequence number. */
function offerState(firmware: Firmware, { meter, state: payload, sequence, now }: Arrival): void {
	const { outbox, uplink, checked } = firmware;
	const { stateQuality: quality, stateRetain: retain } = checked.settings.integrations;
	const topic = stateTopic(uplink.settings.base, meter.name);
	offer(outbox, { topic, payload, quality, retain, sequence, late: false, expires: now + freshMs });
}

/**
 * A telegram without a tag, of a meter that had one: state and `values`, which say so. It takes no turn of the others, is not kept for
 * later, and is in no layout that has no place to say it.
 */
export function offerUnproven(firmware: Firmware, arrival: Arrival): void {
	const { meter, telegram, now } = arrival;
	const { checked } = firmware;
	const { integrations } = checked.settings;
	const { layouts, mode, period, deadBands } = integrations;
	meter.unprovenRate ??= createRate(mode, period, deadBands);
	if (!isDue(meter.unprovenRate, telegram.readings, now)) return;
	if (layouts.includes("values")) offerValues(meter, telegram, unprovenLayouts);
	if (layouts.includes("json")) offerState(firmware, arrival);
}

function offerLayouts(firmware: Firmware, meter: MeterLine, telegram: Telegram): void {
	const { outbox, uplink, checked } = firmware;
	const { layouts, valuesQuality: quality, valuesRetain: retain } = checked.settings.integrations;
	if (layouts.includes("raw")) {
		const topic = telegramTopic(uplink.settings.base, meter.name);
		offer(outbox, { topic, payload: encodeRaw(telegram), quality, retain, sequence: null, late: false });
	}
	offerValues(meter, telegram, layouts);
}

function offerPower({ outbox, uplink, checked }: Firmware, { account, name }: MeterLine): void {
	const { stateQuality: quality, stateRetain: retain, powerPrice } = checked.settings.integrations;
	const payload = account === null ? null : encodeAccount(account, powerPrice);
	if (payload === null) return;
	const topic = powerTopic(uplink.settings.base, name);
	offer(outbox, { topic, payload, quality, retain, sequence: null, late: false });
}

/** Lets as many topics wait as the meters and the counters make. */
export function limitOutbox({ outbox, meters, pulses }: Firmware): void {
	outbox.capacity = readerTopics + pulses.lines.length + Math.max(1, meters.length) * meterTopics;
}

/** Tells Home Assistant about all there is, once nothing else waits. */
export function announceDevices({ discovery, uplink, checked, ports }: Firmware): void {
	const reader = readerName(uplink);
	if (discovery === null || reader === null) return;
	const port = ports.openListener === undefined ? null : checked.settings.integrations.webPort;
	const address = uplink.network?.address ?? null;
	const url = port === null || address === null ? null : `http://${address}${port === 80 ? "" : `:${port}`}/`;
	announceAll(discovery, reader, url);
}

/** The topic on which the update that is offered may be asked for, or null. */
export function commandTopic({ ports, checked, uplink }: Firmware): string | null {
	const reader = readerName(uplink);
	const isOffered = isOffering(checked.settings.integrations, ports);
	return isOffered && reader !== null ? updateCommandTopic(checked.settings.base, reader) : null;
}

/** The topic on which Home Assistant says that it has started, or null where it does not matter. */
export function birthTopic({ discovery }: Firmware): string | null {
	// Home Assistant's default, whatever the prefix of its discovery is.
	return discovery === null ? null : "homeassistant/status";
}
