/** Tries settings before they are kept: joins the WiFi, says hello to the broker, and reads the meter with the key. */
import { advanceMeter, createMeter, type Meter, noteLine, noteTelegram } from "../health/meter.js";
import { createKeys } from "../p1/keys.js";
import { accept, createReader, expire, type Reader, type ReaderOptions, type Verdict } from "../p1/reader.js";
import { isUnderstood } from "../p1/readings.js";
import type { MqttError } from "../ports/mqtt.js";
import type { LineConditions, Network, Ports } from "../ports/ports.js";
import type { Settings } from "../settings/settings.js";
import { type Connection, closeConnection, openClient } from "../uplink/connection.js";
import { createTrust } from "../uplink/trust.js";

/** What became of the WiFi. `none`: none is set, and LoRa is. `absent`: no network of this name is in reach. `address`: it was joined, and gave no address. */
export type WifiResult = "none" | "trying" | "joined" | "password" | "absent" | "address" | "failed";

/** What became of the broker. `skipped`: there was no network; `none`: none is set. Else as `MqttError` has it. */
export type BrokerResult = "trying" | "answers" | "none" | "skipped" | MqttError["kind"];

/** What became of the key. `line`: what the line's state says instead. */
export type KeyResult = "trying" | Verdict | "line";

/**
 * leaving (the driver lets go of what was before) ─▶ joining ─▶ greeting (the broker) ─▶ parting (the driver lets go) ─▶ over. The meter
 * is read meanwhile, with a reader of its own, and may take longer.
 */
export interface TestRun {
	readonly settings: Settings;
	stage: "leaving" | "joining" | "greeting" | "parting" | "over";
	/** When `advanceTestRun` must be called again at the latest, monotonic milliseconds. */
	deadline: number;
	/** When the stage began. */
	since: number;
	wifi: WifiResult;
	/** The driver's reason, where it has one. */
	reason: number | null;
	/** In the network that was joined. */
	address: string | null;
	broker: BrokerResult;
	/** Why, in the words of whoever found out. */
	brokerText: string | null;
	/** Fingerprint of the key that the broker showed, `sha256/…`, whether it is trusted or not. */
	shownKey: string | null;
	/** It is trusted, but the dates of its certificates were not looked at, because nobody knows the time. */
	withoutDates: boolean;
	connection: Connection | null;
	/** Null where the meter is not tried. */
	readonly tester: Tester | null;
	key: KeyResult;
	keyDeadline: number;
}

/** Reads the meter's line beside the firmware's own reader. */
export interface Tester {
	readonly reader: Reader;
	readonly health: Meter;
}

/** For the answer to the request that began it, which goes over the same radio. */
const beginMs = 1_000;
const graceMs = 2_000;
const leaveMs = 5_000;
/** Scan of all channels, association, key exchange and DHCP. */
const joinMs = 40_000;
/** Name, TCP, TLS and CONNACK. */
const greetMs = 45_000;
/** Three telegrams, and as long as a line must be silent to be called so. */
const keyMs = 42_000;
const lookMs = 500;

/**
 * What a wrong password looks like: IEEE 802.11's MIC failure and four-way handshake that does not end, and ESP-IDF's authentication
 * that fails, which WPA3 has, and its own name for that handshake.
 */
const passwordReasons: readonly number[] = Object.freeze([14, 15, 202, 204]);
/** ESP-IDF's for no network of this name, and for one that is too weak. */
const absentReasons: readonly number[] = Object.freeze([201, 212]);

/** `withMeter`: the key is tried, too. Of the broker `settings` say whether there is one. */
export function createTestRun(settings: Settings, withMeter: boolean, ports: Ports): TestRun {
	const now = ports.clock.now();
	return {
		settings,
		stage: "leaving",
		deadline: now + beginMs,
		since: now,
		wifi: "trying",
		reason: null,
		address: null,
		broker: settings.broker === null ? "none" : "trying",
		brokerText: null,
		shownKey: null,
		withoutDates: false,
		connection: null,
		tester: withMeter ? createTester(settings, ports) : null,
		key: "trying",
		keyDeadline: now + keyMs,
	};
}

function createTester(settings: Settings, { createCipher, clock }: Ports): Tester {
	const { authenticationKey, authentication } = settings;
	const options: ReaderOptions = {
		key: createKeys(settings.keys, createCipher ?? null),
		authentication,
		...(authenticationKey !== null && { authenticationKey }),
	};
	const reader = createReader(options, telegram => {
		noteTelegram(health, reader.faults, reader.counters.bytes, isUnderstood(telegram.readings), clock.now());
	});
	const health = createMeter(clock.now(), reader.faults);
	return { reader, health };
}

/** What the line delivers: to be called with all of it, as `OnReceive`. */
export function testLine(
	{ reader, health }: Tester,
	bytes: Uint8Array,
	count: number,
	conditions: LineConditions | null,
	now: number,
): void {
	noteLine(health, count, conditions, now);
	if (count > 0) accept(reader, bytes, 0, count, now);
	else if (conditions === null) expire(reader, now);
}

/** Nothing is left to be found out. */
export function isOver({ stage, tester, key }: TestRun): boolean {
	return stage === "over" && (tester === null || key !== "trying");
}

/** All that was tried works; what was not tried counts as well. */
export function isWell({ wifi, broker, tester, key }: TestRun): boolean {
	const isReached = wifi === "joined" ? broker === "answers" || broker === "none" : wifi === "none";
	return isReached && (tester === null || key !== "line");
}

/** Takes it on as far as it goes now. Only from an alarm. `network` is open, and nobody else asks it for anything. */
export function advanceTestRun(run: TestRun, network: Network, ports: Ports, onChange: () => void): void {
	const now = ports.clock.now();
	if (run.tester !== null && run.key === "trying") lookAtMeter(run, run.tester, now);
	switch (run.stage) {
		case "leaving":
			if (now >= run.since + beginMs) leave(run, network, now);
			break;
		case "joining":
			lookAtNetwork(run, network, ports, onChange, now);
			break;
		case "greeting":
			lookAtBroker(run, network, ports, now);
			break;
		case "parting":
			part(run, network, now);
			break;
		case "over":
			break;
	}
	if (run.stage === "over") run.deadline = isOver(run) ? Infinity : now + lookMs;
	else
		run.deadline = Math.max(
			now + 1,
			Math.min(now + lookMs, run.since + beginMs > now ? run.since + beginMs : Infinity),
		);
}

function enter(run: TestRun, stage: TestRun["stage"], now: number): void {
	run.stage = stage;
	run.since = now;
}

function leave(run: TestRun, network: Network, now: number): void {
	if (network.state !== "idle") {
		network.disconnect();
		if (now >= run.since + beginMs + leaveMs) endWifi(run, "failed", network, now);
		return;
	}
	const { wifi, wifiPassword, lora } = run.settings;
	if (wifi === null) {
		endWifi(run, lora === null ? "absent" : "none", network, now);
		return;
	}
	enter(run, "joining", now);
	try {
		network.connect({ name: wifi, password: wifiPassword ?? "" });
	} catch {
		endWifi(run, "failed", network, now);
	}
}

function lookAtNetwork(run: TestRun, network: Network, ports: Ports, onChange: () => void, now: number): void {
	if (network.state === "ready") {
		run.wifi = "joined";
		run.address = network.address;
		greet(run, network, ports, onChange, now);
	} else if (now >= run.since + joinMs) {
		endWifi(run, network.state === "associated" ? "address" : judgeReason(network.reason ?? null), network, now);
	} else if (network.state === "idle" && now >= run.since + graceMs) {
		endWifi(run, judgeReason(network.reason ?? null), network, now);
	}
}

/** A wrong password is told from a network that is not there. */
function judgeReason(reason: number | null): WifiResult {
	if (reason === null) return "failed";
	if (passwordReasons.includes(reason)) return "password";
	return absentReasons.includes(reason) ? "absent" : "failed";
}

function endWifi(run: TestRun, result: WifiResult, network: Network, now: number): void {
	run.wifi = result;
	run.reason = network.reason ?? null;
	if (run.broker === "trying") run.broker = "skipped";
	enter(run, "parting", now);
}

/** No last will: the broker is asked who it is and whether it knows us, and nothing else. */
function greet(run: TestRun, network: Network, ports: Ports, onChange: () => void, now: number): void {
	const { broker, user, password } = run.settings;
	if (broker === null) {
		enter(run, "parting", now);
		return;
	}
	enter(run, "greeting", now);
	const nothing = () => {};
	try {
		run.connection = openClient(
			ports,
			{
				...broker,
				...(broker.secure && { trust: createTrust(run.settings, ports) }),
				nameServers: network.nameServers,
				id: `smarty-xs-${network.macAddress}`,
				clean: true,
				keepAlive: greetMs,
				...(user !== null && { user }),
				...(user !== null && password !== null && { password }),
			},
			{ onChange, onMessage: nothing, onAcknowledged: nothing, onException: nothing },
		);
	} catch (error) {
		endBroker(run, "connect", error instanceof Error ? error.message : "no client", now);
	}
}

function lookAtBroker(run: TestRun, network: Network, ports: Ports, now: number): void {
	const connection = run.connection!;
	if (connection.secured !== null) {
		run.shownKey = connection.secured.shownKey;
		run.withoutDates = connection.secured.withoutDates;
	}
	const { error } = connection;
	if (error !== null || connection.failed) {
		run.shownKey = error?.shownKey ?? run.shownKey;
		endBroker(run, error?.kind ?? "connect", error?.message ?? "it cannot be reached", now);
	} else if (connection.accepted) {
		try {
			connection.client?.write(null, { operation: 14 });
		} catch {
			// It is closed without a word then.
		}
		endBroker(run, "answers", null, now);
	} else if (network.state !== "ready") {
		endBroker(run, "lost", "the network was lost", now);
	} else if (now >= run.since + greetMs) {
		endBroker(run, connection.resolved ? "connect" : "name", "no answer in time", now);
	}
	if (run.stage === "parting") part(run, network, ports.clock.now());
}

function endBroker(run: TestRun, result: BrokerResult, text: string | null, now: number): void {
	run.broker = result;
	run.brokerText = text;
	enter(run, "parting", now);
}

/** The house must not reach the portal: the reader leaves its network as soon as it knows enough. */
function part(run: TestRun, network: Network, now: number): void {
	const isClosed = run.connection === null || closeConnection(run.connection);
	if (isClosed) run.connection = null;
	if (network.state !== "idle") network.disconnect();
	const isLate = now >= run.since + leaveMs;
	if ((isClosed && network.state === "idle") || isLate) enter(run, "over", now);
}

function lookAtMeter(run: TestRun, { reader, health }: Tester, now: number): void {
	const { authenticated, crcOnly, plain } = reader.counters;
	advanceMeter(health, reader.faults, now);
	if (authenticated > 0) run.key = "authenticated";
	else if (crcOnly > 0) run.key = "crc-only";
	else if (plain > 0) run.key = "plain";
	else if (health.state !== "waiting" || now >= run.keyDeadline) run.key = "line";
}
