/** An end device, the air, a gateway and a network server, on a virtual clock. */
import { advance } from "../../modules/lorawan/advance.js";
import { nextSendTime, send } from "../../modules/lorawan/end-device.js";
import { createEndDevice, type EndDevice, type EndDeviceOptions } from "../../modules/lorawan/state.js";
import type { Alarm } from "../../modules/ports/ports.js";
import { type Chance, createChance, draw } from "../../simulator/chance.js";
import { type Air, type AirFrame, addGateway, createAir, transmit } from "../../simulator/lora/air.js";
import { hear } from "../../simulator/lora/network-server.js";
import {
	type Answer,
	commonOptions,
	createNetworkServer,
	type NetworkServer,
	type NetworkServerOptions,
	register,
	type ServerDevice,
} from "../../simulator/lora/network-server-state.js";
import { createFakeStore, type FakeStore } from "../support/fake-ports.js";
import { createVirtualClock, type VirtualClock } from "../support/virtual-clock.js";
import { createFakeRadio, type FakeRadio } from "./fake-radio.js";
import { hex } from "./hex.js";

export const credentials = {
	devEui: hex("70b3d57ed0061234"),
	joinEui: hex("0102030405060708"),
	appKey: hex("98929b92c49edba9676d646d3b612456"),
};

export interface Rig {
	readonly clock: VirtualClock;
	readonly chance: Chance;
	readonly air: Air;
	readonly server: NetworkServer;
	/** As the server has it. */
	readonly known: ServerDevice;
	readonly store: FakeStore;
	radio: FakeRadio;
	device: EndDevice;
	/** What the device sent: all frames in the air that are not inverted. */
	readonly uplinks: AirFrame[];
	/** How late the event loop is, drawn for each turn. */
	late: () => number;
	/** What the gateway does with an answer of the server's. */
	onAnswer: (answer: Answer) => void;
	alarm: Alarm | null;
	/** The store's power was cut: nothing runs. */
	isOff: boolean;
}

export interface RigOptions {
	seed?: number;
	server?: Partial<NetworkServerOptions>;
	device?: Partial<EndDeviceOptions>;
	late?: () => number;
}

export function createRig({
	seed = 1,
	server: serverOptions = {},
	device: options = {},
	late = () => 0,
}: RigOptions = {}): Rig {
	const clock = createVirtualClock();
	const chance = createChance(seed);
	const air = createAir(clock, createChance(seed + 1));
	const server = createNetworkServer(createChance(seed + 2), { ...commonOptions, ...serverOptions });
	const known = register(server, credentials);
	const store = createFakeStore();
	const gateway = addGateway(
		air,
		"gateway",
		({ modulation }) => !modulation.inverted,
		({ bytes, frame, snr }) => {
			const answer = hear(server, { bytes, modulation: frame.modulation, snr, end: frame.end });
			if (answer !== null) rig.onAnswer(answer);
		},
	);
	const rig: Rig = {
		clock,
		chance,
		air,
		server,
		known,
		store,
		radio: undefined as never,
		device: undefined as never,
		uplinks: [],
		late,
		onAnswer(answer) {
			clock.setAlarm(answer.start - clock.now(), () => transmit(air, gateway, answer.modulation, answer.bytes, 14));
		},
		alarm: null,
		isOff: false,
	};
	air.observers.push(frame => void (frame.modulation.inverted || rig.uplinks.push(frame)));
	boot(rig, options);
	return rig;
}

/** Power comes back: a new program, a radio that knows nothing, and what the store has. */
export function boot(rig: Rig, options: Partial<EndDeviceOptions> = {}): void {
	const { air, store, clock, chance } = rig;
	if (rig.radio !== undefined) air.antennas.delete(rig.radio.antenna);
	const radio = createFakeRadio(air);
	rig.radio = radio;
	rig.isOff = false;
	radio.onEvent = () => void clock.setAlarm(rig.late(), () => wake(rig, radio));
	rig.device = createEndDevice(
		{
			credentials,
			store,
			radio,
			power: 14,
			antennaGain: 0,
			fairUse: false,
			pollMs: 500,
			chance: () => draw(chance),
			...options,
		},
		Math.floor(clock.now()),
	);
	schedule(rig);
}

/** Sets the alarm for the device's deadline. Also to be called after something was asked of the device. */
export function schedule(rig: Rig): void {
	const { clock, device, radio } = rig;
	if (rig.alarm !== null) clock.cancelAlarm(rig.alarm);
	rig.alarm = null;
	if (rig.isOff || device.deadline === Infinity) return;
	const delay = Math.max(0, device.deadline - Math.floor(clock.now())) + rig.late();
	rig.alarm = clock.setAlarm(delay, () => wake(rig, radio));
}

function wake(rig: Rig, radio: FakeRadio): void {
	if (rig.isOff || rig.radio !== radio) return;
	advance(rig.device, Math.floor(rig.clock.now()));
	schedule(rig);
}

/** Until the device has a session; throws where that takes more than a day. */
export function joinNetwork(rig: Rig): void {
	for (let hour = 0; hour < 24 * 3_600; hour += 1) {
		if (rig.device.session !== null && rig.device.phase === "idle") return;
		rig.clock.pass(1_000);
	}
	throw new Error("no session after a day");
}

/** Sends as soon as it may, and waits until the windows are over. False: it was not taken. */
export function exchange(rig: Rig, port: number, bytes: Uint8Array, isConfirmed = false): boolean {
	const { clock } = rig;
	const now = Math.floor(clock.now());
	const time = nextSendTime(rig.device, bytes.length, 0, now);
	if (time === Infinity) return false;
	clock.pass(time - clock.now());
	const isTaken = send(rig.device, port, bytes, bytes.length, isConfirmed, Math.floor(clock.now()));
	schedule(rig);
	for (let second = 0; isTaken && rig.device.phase !== "idle" && !rig.isOff; second += 1) {
		if (second > 100_000) throw new Error("the cycle does not end");
		clock.pass(1_000);
	}
	return isTaken;
}

/** Milliseconds on the air in the worst hour of a sub-band: one that begins or ends with a frame. */
export function worstHour(frames: readonly AirFrame[], from: number, to: number): number {
	const hour = 3_600_000;
	const own = frames.filter(({ modulation: { frequency } }) => frequency >= from && frequency < to);
	const begins = own.flatMap(({ start, end }) => [start, end - hour]);
	const within = (begin: number): number =>
		own.reduce((sum, { start, end }) => sum + Math.max(0, Math.min(end, begin + hour) - Math.max(start, begin)), 0);
	return Math.max(0, ...begins.map(within));
}
