/** How sending over LoRaWAN fares, for the diagnostics and the console. */
import { formatHex } from "../p1/hex.js";
import { nextSendTime } from "./end-device.js";
import type { Figure, SenderOptions } from "./part-type.js";
import { basicLength } from "./payload.js";
import { mostPower } from "./region.js";
import type { EndDevice } from "./state.js";

export function describeDevice(
	device: EndDevice | null,
	options: SenderOptions,
	interval: number,
	now: number,
): Readonly<Record<string, unknown>> {
	const devEui = formatHex(options.devEui, 0, 8);
	if (device === null) return { dev_eui: devEui };
	const { session, link, drops, snr } = device;
	return {
		dev_eui: devEui,
		dev_addr: session === null ? null : formatAddress(session.devAddr),
		data_rate: link.dataRate,
		power: Math.min(options.power, mostPower - 2 * link.powerIndex),
		interval: Math.round(intervalNow(device, interval, now) / 1_000),
		uplinks: session?.fcntUp ?? 0,
		downlinks: session?.fcntDown ?? 0,
		sent: device.sent,
		taken: device.taken,
		airtime: device.airtime,
		unanswered: device.unanswered,
		join_tries: device.joinAttempts,
		rssi: device.rssi,
		snr: snr === null ? null : snr / 4,
		margin: device.margin,
		gateways: device.gateways,
		store_failures: device.storeFailures,
		drops: { ...drops },
	};
}

/** From the last frame to the next one, as far as that is known now. */
function intervalNow(device: EndDevice, interval: number, now: number): number {
	const next = nextSendTime(device, basicLength, interval, now);
	return next === Infinity || device.lastUplink === -Infinity ? interval : next - device.lastUplink;
}

export function measureDevice({ sent, taken, airtime, unanswered, link, rssi }: EndDevice): readonly Figure[] {
	const figures: Figure[] = [
		["counter", "frames", "", "Frames sent, repeats and join requests included.", sent],
		["counter", "downlinks", "", "Downlinks for this reader.", taken],
		["counter", "airtime", "seconds", "Airtime of frames sent.", airtime / 1_000],
		["gauge", "unanswered", "", "Uplinks since the last downlink.", unanswered],
		["gauge", "data_rate", "", "Data rate of the next uplink.", link.dataRate],
	];
	if (rssi !== null) figures.push(["gauge", "signal", "dbm", "Received strength of the last downlink.", rssi]);
	return figures;
}

export function tellDevice(device: EndDevice, interval: number, now: number): string[] {
	const { session, link, drops, rssi, snr, margin, gateways } = device;
	const lines: string[] = [];
	if (session === null) lines.push(`joins     ${device.joinAttempts} tried`);
	else lines.push(`session   ${formatAddress(session.devAddr)}, DR${link.dataRate}, next uplink ${session.fcntUp}`);
	const next = nextSendTime(device, basicLength, interval, now);
	if (next < Infinity) lines.push(`next      in ${Math.ceil((next - now) / 1_000)} s at the earliest`);
	const { sent, airtime, taken, unanswered } = device;
	lines.push(`frames    ${sent} sent in ${airtime} ms, ${taken} taken, ${unanswered} since the last of these`);
	if (rssi !== null && snr !== null) lines.push(`downlink  ${rssi} dBm, ${snr / 4} dB`);
	if (margin !== null) lines.push(`check     ${margin} dB to spare, ${gateways} gateways`);
	const { foreign, malformed, mic, replayed } = drops;
	lines.push(`dropped   ${foreign} foreign, ${malformed} damaged, ${mic} with a wrong MIC, ${replayed} replayed`);
	return lines;
}

/** As network servers show it. */
export function formatAddress(devAddr: number): string {
	return devAddr.toString(16).padStart(8, "0");
}
