/** LoRa in the world: the board's radio, a gateway, and a network server behind it. */

import { type Chance, drawBetween, drawBytes, happens } from "../../chance.js";
import { type Antenna, addGateway, breakOff, createAir, transmit } from "../../lora/air.js";
import { hear } from "../../lora/network-server.js";
import { type Answer, createNetworkServer, register } from "../../lora/network-server-state.js";
import { sendToBoard } from "../board/processor.js";
import type { ToldFrame } from "../bridge/bridge.js";
import type { GatewayFrame } from "../bridge/guest-radio.js";
import { createLoraChecker, judgeDelivered, judgeTransmission, watchAnswer } from "../check/lora.js";
import { plan, type WorldClock } from "../clock.js";
import type { World } from "../state.js";
import type { WorldLora } from "./state.js";

/** Of the board (`board/processor.ts`), as an EUI-64. */
const devEui = [0x24, 0xd7, 0xeb, 0xff, 0xfe, 0x0c, 0x1a, 0x2f];
/** dBm; and dB between the gateway and the cellar: SF7 has some 8 dB to spare, so that data rates are adapted. */
const gatewayPower = 14;
const pathLoss = 115;

export function createWorldLora(
	clock: WorldClock,
	chance: Chance,
	chip: WorldLora["chip"],
	getWorld: () => World,
): WorldLora {
	const appKey = drawBytes(chance, 16);
	const server = createNetworkServer(chance);
	const device = register(server, { devEui: Uint8Array.from(devEui), joinEui: new Uint8Array(8), appKey });
	const air = createAir(
		{
			now: () => clock.now / 1_000 - lora.shift,
			setAlarm: (delay, onAlarm) => plan(clock, Math.max(0, delay - lora.shift) * 1_000, onAlarm),
			cancelAlarm: alarm => Object.assign(alarm, { action: null }),
		},
		chance,
		{ pathLoss: () => pathLoss },
	);
	const lora: WorldLora = {
		air,
		chance,
		server,
		device,
		antenna: { name: "board" },
		checker: createLoraChecker(),
		appKey,
		chip,
		gatewayUp: true,
		loss: 0,
		late: 0,
		frame: null,
		downlinks: new Map(),
		isAnswering: false,
		heard: 0,
		heardAt: 0,
		shift: 0,
		coming: [],
		onTransmit: (frame, bytes) => sendFromBoard(getWorld(), lora, frame, bytes),
		onSilence() {
			if (lora.frame !== null) breakOff(air, lora.frame);
		},
		onHeard() {
			lora.heard += 1;
			lora.heardAt = clock.now;
		},
	};
	const gateway = addGateway(
		air,
		"gateway",
		frame => lora.gatewayUp && !frame.modulation.inverted && frame.modulation.syncWord === 0x34,
		({ bytes, frame, snr }) => {
			const answer = hear(server, { bytes, modulation: frame.modulation, snr, end: frame.end });
			judgeDelivered(getWorld(), lora);
			if (answer !== null) planAnswer(getWorld(), lora, gateway, answer);
		},
	);
	return lora;
}

function sendFromBoard(world: World, lora: WorldLora, told: ToldFrame, bytes: Uint8Array): void {
	const { start, power, ...modulation } = told;
	const { clock, device } = world;
	lora.shift = clock.now / 1_000 - (device.bootedAt / 1_000 + start);
	lora.frame = transmit(lora.air, lora.antenna, modulation, bytes, power);
	lora.shift = 0;
	if (bytes[0]! >> 5 !== 0) lora.isAnswering = (bytes[5]! & 15) > 0;
	judgeTransmission(world, lora, lora.frame);
}

function planAnswer(world: World, lora: WorldLora, gateway: Antenna, { bytes, modulation, start }: Answer): void {
	const { clock, device } = world;
	const { bootEpoch } = device;
	const text = Buffer.from(bytes).toString("hex");
	// An old downlink that never arrived is as good as new: class A has nothing against somebody who keeps one back, and the server would
	// not know what the board has agreed to.
	if (lora.downlinks.get(text) === false) return;
	// What goes out with a wrong MIC could come later with the right one.
	for (const made of [text, Buffer.from(lora.device.sent.at(-1) ?? bytes).toString("hex")]) {
		if (!lora.downlinks.has(made)) lora.downlinks.set(made, false);
	}
	const isLate = happens(lora.chance, lora.late);
	const isLost = happens(lora.chance, lora.loss);
	const delay = isLate ? drawBetween(lora.chance, 2_500, 9_000) : 0;
	plan(clock, Math.max(0, (start + delay) * 1_000 - clock.now), () => {
		if (!lora.gatewayUp || device.bootEpoch !== bootEpoch) return;
		const frame = transmit(lora.air, gateway, modulation, bytes, gatewayPower);
		if (isLost) return;
		const { frequency, spreading } = modulation;
		const told: GatewayFrame = {
			start: frame.start - device.bootedAt / 1_000,
			frequency,
			spreading,
			strength: gatewayPower - pathLoss,
			bytes: text,
		};
		sendToBoard(device, told);
		if (!isLate) watchAnswer(world, lora, frame);
	});
}
