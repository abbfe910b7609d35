/** The servers: opened where settings and network allow it, and announced. */
import { note } from "../health/log.js";
import { createLatest, type Latest, type Surroundings } from "../meter/latest.js";
import type { Ports } from "../ports/ports.js";
import type { IntegrationSettings } from "../settings/integrations.js";
import type { WebServer } from "../web/connection.js";
import type { Request } from "../web/request.js";
import type { BodySink, Response } from "../web/response.js";
import type { Access, Actions } from "../web/route.js";
import { respond } from "../web/routes.js";
import { createWebServer, expireConnections } from "../web/server.js";
import { broadcast, createTelegramServer, type TelegramServer } from "../web/telegram-server.js";
import { expectedName } from "./identity.js";
import { identifyReader } from "./light.js";
import { latestOf } from "./meter-record.js";
import { listOpenings, openDue } from "./openings.js";
import { sources } from "./page.js";
import { readPulses } from "./pulses.js";
import type { Firmware, MeterLine, Owner, Servers } from "./state.js";
import { takeUpdate } from "./update.js";

/** `isShut`: what the settings ask for waits, as it does in set-up. */
export function createServers(settings: IntegrationSettings, ports: Ports, owner: Owner, isShut: boolean): Servers {
	const { webToken: token, webHosts: hosts, isReadGuarded } = settings;
	const telegramPorts = isShut ? [] : settings.telegramPorts;
	const webPort = isShut ? null : settings.webPort;
	const most = ports.device.capacity.connections;
	const site = new Site({ token, hosts, isReadGuarded }, owner);
	const answer: WebServer["respond"] = (request, now) => site.respond(request, now);
	return {
		telegrams: telegramPorts.map(() => createTelegramServer(most)),
		web: webPort === null ? null : createWebServer(most, answer, ports.encode, ports.decode),
		openings: listOpenings(telegramPorts, webPort, isReadGuarded),
		failures: 0,
	};
}

const freeGuesses = 5;
const guessMs = 1_000;
/** After so long without a wrong token they are forgotten. */
const forgetMs = 60_000;

/** What is at the web server. A class, whose methods lie in flash. */
class Site implements Actions {
	private readonly access: Access;
	private readonly owner: Owner;
	/** Wrong tokens, and when the last one came. */
	private guesses = 0;
	private guessTime = 0;

	constructor(access: Access, owner: Owner) {
		this.access = access;
		this.owner = owner;
	}

	identify(): void {
		identifyReader(this.owner.firmware);
	}

	update(length: number): BodySink | Response {
		return takeUpdate(this.owner.firmware, length);
	}

	respond(request: Request, now: number): BodySink | Response {
		const { firmware } = this.owner;
		const latest = listLatest(firmware);
		const response = respond(request, latest, readStatus(firmware), this.access, this, sources, firmware);
		if ("onBytes" in response || response.status !== 401 || request.authorization === null) return response;
		note(firmware.log, "HTTP: a wrong token", now);
		return this.slowDown(response, now);
	}

	/** Who guesses tokens waits for each answer after some, and takes a place meanwhile. */
	private slowDown(response: Response, now: number): Response {
		if (now - this.guessTime > forgetMs) this.guesses = 0;
		this.guesses += 1;
		this.guessTime = now;
		return this.guesses > freeGuesses ? { ...response, delay: guessMs } : response;
	}
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
