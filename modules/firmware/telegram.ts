import { rememberMeter } from "../health/boot-record.js";
import { note } from "../health/log.js";
import { noteTelegram } from "../health/meter.js";
import { addReading } from "../history/history.js";
import { encodeState } from "../messages/json.js";
import { stateTopic } from "../messages/topics.js";
import { admitReading } from "../meter/freshness.js";
import { holdImplausible } from "../meter/plausibility.js";
import { restartRate } from "../meter/rate.js";
import type { Telegram } from "../p1/reader.js";
import { deviceName, wantedTopic } from "../uplink/names.js";
import { offer } from "../uplink/outbox.js";
import { isOnline } from "../uplink/uplink.js";
import { guard, noteException } from "./guard.js";
import {
	accountFor,
	announce,
	birthTopic,
	noteDiscovery,
	offerConstants,
	offerReadings,
	showTelegram,
} from "./integrations.js";
import { offerDiagnostics, wake } from "./run.js";
import { serveTelegram } from "./servers.js";
import type { Firmware } from "./state.js";

/** A reading that could not be sent for so long is late: it goes to `history`, because `state` is what is now. */
const freshMs = 15_000;
/** The wall clock follows the meter's when they differ by more. */
const clockMs = 2_000;

/** A telegram that the reader believes: to the outbox, and what else can be learnt from it. */
export function acceptTelegram(firmware: Firmware, telegram: Telegram): void {
	const { meter, reader, uplink, ports, bootRecord, log, integrations } = firmware;
	const now = ports.clock.now();
	const { serial, time } = telegram.readings;
	// A telegram without its serial number does not rename the meter.
	const name = serial ?? uplink.meter ?? telegram.systemTitle ?? "unknown";
	// Before anything is made of it: what somebody recorded and plays is no sign of the meter either.
	if (!admitReading(firmware.freshness, name, time, now)) {
		note(log, "a reading older than the one before was refused", now);
		return;
	}
	if (meter.state !== "ok") {
		note(log, `meter: ok, ${telegram.verdict}`, now);
		firmware.nextDiagnostics = now;
	}
	noteTelegram(meter, reader.faults, now);
	uplink.meter = name;
	rememberMeter(bootRecord, ports.store, name);
	if (time !== null) followClock(firmware, time, telegram.verdict === "authenticated");
	holdImplausible(integrations.totals, name, telegram, now);
	const state = encodeState(telegram);
	// Apart, so that what goes wrong in one leaves the others alone.
	guard(firmware, "power", () =>
		accountFor(integrations, telegram, name, ports.store, error => noteException(firmware, "store", error)),
	);
	guard(firmware, "layouts", () => publish(firmware, telegram, name, state, now));
	guard(firmware, "discovery", () => {
		if (noteDiscovery(integrations, telegram, name)) describe(firmware);
	});
	guard(firmware, "servers", () => show(firmware, telegram, name, now));
	wake(firmware);
}

function publish(firmware: Firmware, telegram: Telegram, name: string, state: string, now: number): void {
	const { integrations, outbox, uplink, history } = firmware;
	const { layouts, stateQuality: quality, stateRetain: retain } = integrations.settings;
	// One that came too late for `state` left it without a reading of now; the next would perhaps be an hour away.
	if (outbox.expired > firmware.expired) restartRate(integrations.policy);
	firmware.expired = outbox.expired;
	const isDue = offerReadings(integrations, outbox, telegram, name, now);
	if (!isDue || !layouts.includes("json")) return;
	let sequence: number | null = null;
	guard(firmware, "history", () => {
		sequence = addReading(history, telegram, name);
	});
	const topic = stateTopic(uplink.settings.base, name);
	offer(outbox, { topic, payload: state, quality, retain, sequence, late: false, expires: now + freshMs });
}

/** Copies a telegram for the servers, where there are any to pay for. */
function show({ integrations, servers }: Firmware, telegram: Telegram, name: string, now: number): void {
	if (servers.telegrams === null && servers.web === null) return;
	serveTelegram(servers, showTelegram(integrations, telegram, name, now), now);
}

/** The meter's clock is the device's: TLS needs one, and it comes with no server and no network. */
function followClock(firmware: Firmware, time: number, authenticated: boolean): void {
	const { clock } = firmware.ports;
	const own = clock.time();
	if (own === null || (authenticated && Math.abs(own - time) > clockMs)) clock.setTime(time);
}

/** Tells Home Assistant what there is, if it is there to be told; if not, the next connection does. */
function describe({ integrations, uplink }: Firmware): void {
	const device = deviceName(uplink);
	if (device !== null && isOnline(uplink)) announce(integrations, device, wantedTopic(uplink));
}

/** The broker accepted: what it must know, and who we are. */
export function introduce(firmware: Firmware): void {
	offerDiagnostics(firmware);
	guard(firmware, "layouts", () => offerConstants(firmware.integrations, firmware.outbox));
	guard(firmware, "discovery", () => describe(firmware));
}

/** Home Assistant says that it has started: it has forgotten what was not retained. */
export function hear(firmware: Firmware, topic: string, payload: Uint8Array): void {
	if (topic !== birthTopic(firmware.integrations) || !isOnlineWord(payload)) return;
	guard(firmware, "discovery", () => describe(firmware));
	wake(firmware);
}

/** Whether the bytes spell `online`. */
function isOnlineWord(payload: Uint8Array): boolean {
	const word = "online";
	if (payload.length !== word.length) return false;
	for (let at = 0; at < word.length; at += 1) if (payload[at] !== word.charCodeAt(at)) return false;
	return true;
}
