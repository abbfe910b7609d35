/** What is open for others in the network: listeners and announcements, each apart from the others and tried again by itself. */
import { note } from "../health/log.js";
import type { Closable, Listener } from "../ports/ports.js";
import { readerName } from "../uplink/names.js";
import { admitConnection } from "../web/server.js";
import { admitClient } from "../web/telegram-server.js";
import { guard } from "./guard.js";
import { hasRoomForClient } from "./memory.js";
import type { Firmware, Opening } from "./state.js";

const retryMs = 30_000;
const homeWizardPort = 80;

/** What the settings ask for; nothing is opened. */
export function listOpenings(telegramPorts: readonly number[], webPort: number | null, isGuarded: boolean): Opening[] {
	const openings: Opening[] = [];
	const add = (name: string, port: number, open: Opening["open"], listener: Opening | null = null): Opening => {
		const opening: Opening = { name, port, open, listener, closable: null, isOpen: false, retryTime: 0 };
		openings.push(opening);
		return opening;
	};
	const open = isGuarded ? ", also for who does not have the webToken" : "";
	for (const port of telegramPorts) add(`telegrams in clear at port ${port}${open}`, port, listenForTelegrams);
	if (webPort === null) return openings;
	const web = add(`HTTP at port ${webPort}`, webPort, listenForHttp);
	add("announcement as _http._tcp", webPort, announceHttp, web);
	// Its clients take the address from there, but not the port, and cannot give a token.
	if (webPort === homeWizardPort && !isGuarded) {
		add("announcement as _hwenergy._tcp", webPort, announceHomeWizard, web);
	}
	return openings;
}

function listenForTelegrams(firmware: Firmware, port: number): Listener | null {
	const { ports, servers, checked } = firmware;
	const telegrams = servers.telegrams[checked.settings.integrations.telegramPorts.indexOf(port)]!;
	return (
		ports.openListener?.(port, accept => {
			const now = ports.clock.now();
			return hasRoomForClient(firmware, now) ? admitClient(telegrams, accept, now) : null;
		}) ?? null
	);
}

function listenForHttp(firmware: Firmware, port: number): Listener | null {
	const { ports, servers } = firmware;
	const { web } = servers;
	if (web === null) return null;
	const now = () => ports.clock.now();
	return (
		ports.openListener?.(port, accept =>
			hasRoomForClient(firmware, now()) ? admitConnection(web, accept, now) : null,
		) ?? null
	);
}

function announceHttp({ ports, uplink }: Firmware, port: number): Closable | null {
	const name = readerName(uplink) ?? "smarty-xs";
	return ports.announce?.({ name, type: "_http._tcp", port, text: { path: "/state" } }) ?? null;
}

/** HomeWizard's clients look for `_hwenergy._tcp`; chargers among them for the name of HomeWizard's device. */
function announceHomeWizard({ ports, uplink }: Firmware, port: number): Closable | null {
	const name = `p1meter-${uplink.network?.macAddress.slice(-6) ?? ""}`;
	const text = {
		api_enabled: "1",
		path: "/api/v1",
		product_type: "HWE-P1",
		product_name: "P1 meter (smarty-xs)",
		serial: uplink.network?.macAddress ?? "",
	};
	return ports.announce?.({ name, type: "_hwenergy._tcp", port, text }) ?? null;
}

/** Opens what is due. What cannot be opened leaves the others as they are, and is tried again. */
export function openDue(firmware: Firmware, now: number): void {
	const { openings } = firmware.servers;
	for (const opening of openings) {
		const { listener, closable, retryTime } = opening;
		// What does not listen is not announced.
		if (closable !== null || now < retryTime || listener?.isOpen === false) continue;
		tryOpen(firmware, opening, now);
	}
}

function tryOpen(firmware: Firmware, opening: Opening, now: number): void {
	const { servers, log } = firmware;
	const { name, listener } = opening;
	try {
		const closable = opening.open(firmware, opening.port);
		opening.closable = closable;
		opening.retryTime = Infinity;
		if (closable !== null) whenOpen(firmware, opening, closable);
		else if (listener === null) note(log, `${name}: this board has none`, now);
	} catch (error) {
		servers.failures += 1;
		opening.retryTime = now + retryMs;
		const reason = error instanceof Error ? error.message : String(error);
		note(log, `${name} failed: ${reason}; next try in ${retryMs / 1000} s`, now);
	}
}

/** Says that it is there when it is, and not before: a port may be in use, or need a permission. */
function whenOpen(firmware: Firmware, opening: Opening, closable: Listener): void {
	const onOpen = () => {
		if (opening.closable !== closable) return;
		opening.isOpen = true;
		note(firmware.log, opening.name, firmware.ports.clock.now());
	};
	if (closable.whenOpen === undefined) onOpen();
	else closable.whenOpen(() => guard(firmware, "servers", onOpen, null));
}

/** Closes what is open, and opens it no more. */
export function closeOpenings(firmware: Firmware): void {
	for (const opening of firmware.servers.openings) {
		const { closable } = opening;
		opening.retryTime = Infinity;
		opening.closable = null;
		opening.isOpen = false;
		if (closable !== null) guard(firmware, "servers", () => closable.close(), null);
	}
}
