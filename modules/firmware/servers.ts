/** The servers: opened where settings and network allow it, and announced. */
import { note } from "../health/log.js";
import { createLatest, type Latest, type Surroundings } from "../meter/latest.js";
import type { Ports } from "../ports/ports.js";
import type { IntegrationSettings } from "../settings/integrations.js";
import type { WebServer } from "../web/connection.js";
import type { Response } from "../web/response.js";
import { respond } from "../web/routes.js";
import { createWebServer, expireConnections } from "../web/server.js";
import { broadcast, createTelegramServer, type TelegramServer } from "../web/telegram-server.js";
import { expectedName } from "./identity.js";
import { identifyReader } from "./light.js";
import { latestOf } from "./meter-record.js";
import { listOpenings, openDue } from "./openings.js";
import { sources } from "./page.js";
import { readPulses } from "./pulses.js";
import type { Firmware, MeterLine, Servers } from "./state.js";
import { takeUpdate } from "./update.js";

/** `isShut`: what the settings ask for waits, as it does in set-up. */
export function createServers(
	settings: IntegrationSettings,
	ports: Ports,
	getFirmware: () => Firmware,
	isShut: boolean,
): Servers {
	const { webToken: token, webHosts: hosts, isReadGuarded } = settings;
	const telegramPorts = isShut ? [] : settings.telegramPorts;
	const webPort = isShut ? null : settings.webPort;
	const most = ports.device.capacity.connections;
	const access = { token, hosts, isReadGuarded };
	const guesses: Guesses = { count: 0, time: 0 };
	const actions = {
		identify: () => identifyReader(getFirmware()),
		update: (length: number) => takeUpdate(getFirmware(), length),
	};
	const answer: WebServer["respond"] = (request, now) => {
		const firmware = getFirmware();
		const latest = listLatest(firmware);
		const response = respond(request, latest, readStatus(firmware), access, actions, sources, firmware);
		if ("onBytes" in response || response.status !== 401 || request.authorization === null) return response;
		note(firmware.log, "HTTP: a wrong token", now);
		return slowDown(guesses, response, now);
	};
	return {
		telegrams: telegramPorts.map(() => createTelegramServer(most)),
		web: webPort === null ? null : createWebServer(most, answer, ports.encode, ports.decode),
		openings: listOpenings(telegramPorts, webPort, isReadGuarded, getFirmware),
		failures: 0,
	};
}

/** Wrong tokens, and when the last one came. */
interface Guesses {
	count: number;
	time: number;
}

const freeGuesses = 5;
const guessMs = 1_000;
/** After so long without a wrong token they are forgotten. */
const forgetMs = 60_000;

/** Who guesses tokens waits for each answer after some, and takes a place meanwhile. */
function slowDown(guesses: Guesses, response: Response, now: number): Response {
	if (now - guesses.time > forgetMs) guesses.count = 0;
	guesses.count += 1;
	guesses.time = now;
	return guesses.count > freeGuesses ? { ...response, delay: guessMs } : response;
}

/** What the pages show: the meters, but for those that were replaced; and lines on which none was heard yet. */
export function listLatest(firmware: Firmware): Latest[] {
	const { meters, lines } = firmware;
	const shown = meters.filter(meter => !isReplaced(meters, meter));
	const found = shown.map(latestOf);
	for (const line of lines) {
		if (shown.some(meter => meter.line === line)) continue;
		const latest = createLatest(line.tally.faults, line.tally.counters, null);
		latest.meter = expectedName(firmware, line);
		found.push(latest);
	}
	return found;
}

/** Whether another meter, with a tag if it had one, began to send on its line after it had ended. One that shares the line and falls silent is not. */
function isReplaced(meters: readonly MeterLine[], { online, line, lastTelegram, isAuthenticated }: MeterLine): boolean {
	const isFit = (other: MeterLine) => other.isAuthenticated || !isAuthenticated;
	const isAfter = (other: MeterLine) => other.online && other.line === line && other.firstTelegram > lastTelegram;
	return !online && meters.some(other => isFit(other) && isAfter(other));
}

function readStatus({ ports, uplink, checked, pulses, lora }: Firmware): Surroundings {
	const { network } = uplink;
	return {
		now: ports.clock.now(),
		network: checked.settings.wifi ?? "",
		signalStrength: network?.signalStrength ?? null,
		macAddress: network?.macAddress ?? "",
		version: ports.device.version,
		counters: pulses.lines.map(readPulses),
		...(lora !== null && { lora: lora.sender.measure() }),
	};
}

/** Opens what is due and ends connections that took too long. To be called about once a second. */
export function runServers(firmware: Firmware, now: number): void {
	const { web } = firmware.servers;
	if (web !== null && now >= web.deadline) expireConnections(web, now);
	if (firmware.uplink.supervisor.state === "ready") openDue(firmware, now);
}

/** A telegram for all who are connected to its meter's port. */
export function serveTelegram(server: TelegramServer | null, bytes: Uint8Array, now: number): void {
	if (server !== null) broadcast(server, bytes, now);
}
