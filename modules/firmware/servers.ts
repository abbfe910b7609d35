/** The servers: opened where settings and network allow it, and announced. */
import { note } from "../health/log.js";
import { createLatest, type Latest, type Surroundings } from "../meter/latest.js";
import type { Listener, Ports } from "../ports/ports.js";
import type { IntegrationSettings } from "../settings/integrations.js";
import { readerName } from "../uplink/names.js";
import type { WebServer } from "../web/connection.js";
import { respond } from "../web/routes.js";
import { admitConnection, createWebServer, expireConnections } from "../web/server.js";
import { admitClient, broadcast, createTelegramServer } from "../web/telegram-server.js";
import { guard } from "./guard.js";
import { expectedName } from "./identity.js";
import { identifyReader } from "./light.js";
import type { Firmware, MeterLine, Servers } from "./state.js";

const retryMs = 30_000;
const homeWizardPort = 80;

export function createServers(settings: IntegrationSettings, ports: Ports, getFirmware: () => Firmware): Servers {
	const { telegramPort, webPort, webToken: token, webHosts: hosts } = settings;
	const most = ports.device.capacity.connections;
	const access = { token, hosts };
	const answer: WebServer["respond"] = request => {
		const firmware = getFirmware();
		const actions = { identify: () => identifyReader(firmware) };
		return respond(request, listLatest(firmware), readStatus(firmware), access, actions);
	};
	return {
		telegrams: telegramPort === null ? null : createTelegramServer(most),
		web: webPort === null ? null : createWebServer(most, answer, ports.encode),
		open: [],
		retryTime: telegramPort === null && webPort === null ? Infinity : 0,
	};
}

/** What the pages show, at least one: the meters, but for those that were replaced; and lines on which none was heard yet. */
export function listLatest(firmware: Firmware): Latest[] {
	const { meters, lines } = firmware;
	const shown = meters.filter(meter => !isReplaced(meters, meter));
	const found = shown.map(({ latest }) => latest);
	for (const line of lines) {
		if (shown.some(meter => meter.line === line)) continue;
		const latest = createLatest(line.reader.faults, line.reader.counters, null);
		latest.meter = expectedName(firmware, line);
		found.push(latest);
	}
	return found;
}

/** Whether another meter began to send on its line after it had ended. One that shares the line and falls silent is not. */
function isReplaced(meters: readonly MeterLine[], { online, line, lastTelegram }: MeterLine): boolean {
	return !online && meters.some(other => other.online && other.line === line && other.firstTelegram > lastTelegram);
}

function readStatus({ ports, uplink, checked }: Firmware): Surroundings {
	const { network } = uplink;
	return {
		now: ports.clock.now(),
		network: checked.settings.wifi ?? "",
		signalStrength: network?.signalStrength ?? null,
		macAddress: network?.macAddress ?? "",
		version: ports.device.version,
	};
}

/** Opens what is due and ends connections that took too long. To be called about once a second. */
export function runServers(firmware: Firmware, now: number): void {
	const { servers, log } = firmware;
	if (servers.web !== null && now >= servers.web.deadline) expireConnections(servers.web, now);
	if (now < servers.retryTime || firmware.uplink.supervisor.state !== "ready") return;
	servers.retryTime = Infinity;
	const well = guard(firmware, "servers", () => openServers(firmware));
	if (well) return;
	closeServers(servers);
	servers.retryTime = now + retryMs;
	note(log, `servers: next try in ${retryMs / 1000} s`, now);
}

/** Closes what is open, and opens it no more. */
export function closeServers(servers: Servers): void {
	servers.retryTime = Infinity;
	for (const open of servers.open.splice(0)) open.close();
}

function openServers(firmware: Firmware): void {
	const { servers, ports, log, checked } = firmware;
	const { telegramPort, webPort } = checked.settings.integrations;
	const { telegrams, web } = servers;
	const now = () => ports.clock.now();
	if (ports.openListener === undefined) {
		note(log, "servers: this board has none", now());
		return;
	}
	if (telegrams !== null && telegramPort !== null) {
		const listener = ports.openListener(telegramPort, stream => admitClient(telegrams, stream, now()));
		const open = checked.settings.integrations.webToken === null ? "" : ", also for who does not have the webToken";
		onceOpen(firmware, listener, () => note(log, `telegrams in clear at port ${telegramPort}${open}`, now()));
	}
	if (web === null || webPort === null) return;
	const listener = ports.openListener(webPort, stream => admitConnection(web, stream, now));
	onceOpen(firmware, listener, () => {
		note(log, `HTTP at port ${webPort}`, now());
		announceWeb(firmware, webPort);
	});
}

/** Says that a server is there when it is, and not before: a port may be in use, or need a permission. */
function onceOpen(firmware: Firmware, listener: Listener, onOpen: () => void): void {
	const { servers } = firmware;
	servers.open.push(listener);
	if (listener.whenOpen === undefined) onOpen();
	else
		listener.whenOpen(() => {
			if (servers.open.includes(listener)) guard(firmware, "servers", onOpen);
		});
}

/**
 * HomeWizard's clients look for `_hwenergy._tcp`, and take the address from there, but not the port. They cannot give a token.
 * So it is announced only where they can come in; under the name of HomeWizard's device, because chargers look for that.
 */
function announceWeb(firmware: Firmware, port: number): void {
	const { servers, ports, uplink, checked } = firmware;
	const name = readerName(uplink) ?? "smarty-xs";
	if (ports.announce === undefined) return;
	servers.open.push(ports.announce({ name, type: "_http._tcp", port, text: { path: "/state" } }));
	if (port !== homeWizardPort || checked.settings.integrations.webToken !== null) return;
	const text = {
		api_enabled: "1",
		path: "/api/v1",
		product_type: "HWE-P1",
		product_name: "P1 meter (smarty-xs)",
		serial: uplink.network?.macAddress ?? "",
	};
	const own = uplink.network?.macAddress.slice(-6) ?? "";
	servers.open.push(ports.announce({ name: `p1meter-${own}`, type: "_hwenergy._tcp", port, text }));
}

/** A telegram for all who are connected. */
export function serveTelegram({ telegrams }: Servers, bytes: Uint8Array, now: number): void {
	if (telegrams !== null) broadcast(telegrams, bytes, now);
}
