/** What goes wrong between the board and its network. */

import { drawInteger, happens } from "../../chance.js";
import { post, type } from "../board/processor.js";
import { second } from "../clock.js";
import type { World } from "../state.js";
import { between, chanceOf, later } from "./random.js";

/** The server answers worse or better than before: not at all, late, with a wrong MIC, or with what it sent before. */
export function changeServer(world: World): void {
	const { lora } = world;
	if (lora === null) return;
	const draw = () => (happens(chanceOf(world), 0.4) ? 0 : between(world, 0, 0.5));
	Object.assign(lora.server.misfortunes, { silent: draw(), second: draw(), wrongMic: draw(), replay: draw() });
	lora.loss = draw() / 2;
	lora.late = draw();
	world.note("server", { ...lora.server.misfortunes, loss: lora.loss, late: lora.late });
}

/** The gateway is away, or its path to the server. */
export function loseGateway(world: World, low: number, high: number): void {
	const { lora } = world;
	if (lora?.gatewayUp !== true) return;
	lora.gatewayUp = false;
	world.note("gateway-away");
	later(world, between(world, low, high), () => {
		lora.gatewayUp = true;
		world.note("gateway-back");
	});
}

/**
 * MAC commands that ask for other windows, channels and data rates; some that make no sense. Not while an answer is awaited or repeated: a
 * server could not tell to which of two commands it belongs.
 */
export function commandBoard(world: World): void {
	const { lora } = world;
	if (lora === null || lora.isAnswering) return;
	if (lora.device.commands.length > 0 || lora.device.sessions.some(({ believed }) => believed.asked.length > 0)) return;
	const commands = [
		[0x02],
		[0x06],
		[0x08, 1 + drawInteger(chanceOf(world), 7)],
		[0x05, 0x03, 0xd2, 0xad, 0x84],
		[0x05, 0x13, 0xd2, 0xad, 0x84],
		[0x03, 0x50, 0xff, 0x00, 0x01],
		[0x03, 0x30, 0xff, 0x00, 0x02],
		[0x03, 0x00, 0x07, 0x00, 0x01],
		[0x03, 0x50, 0x00, 0x00, 0x01],
		[0x07, 0x03, 0x18, 0x4f, 0x84, 0x50],
		[0xff, 0x01],
	];
	lora.device.commands = Uint8Array.from(commands[drawInteger(chanceOf(world), commands.length)]!);
}

/** The program computes for up to 0.3 s, as it does for a telegram. */
export function beBusy(world: World): void {
	const { device } = world;
	const cost = between(world, 0, 0.3 * second);
	post(device, () => ({ kind: "alarm", json: "", bytes: new Uint8Array(0), cost }));
}

/** The owner wants another interval; the next boot forgets it. */
export function sendInterval(world: World): void {
	world.lora?.device.queue.push({
		port: 1,
		bytes: Uint8Array.from([drawInteger(chanceOf(world), 3)]),
		confirmed: happens(chanceOf(world), 0.5),
	});
}

/** The owner asks for new keys at the console. */
export function joinAnew(world: World): void {
	if (world.device.on) type(world.device, "lora join");
}

/** All of it is well again. */
export function calmLora(world: World): void {
	const { lora } = world;
	if (lora === null) return;
	Object.assign(lora.server.misfortunes, { silent: 0, second: 0, wrongMic: 0, replay: 0 });
	lora.loss = 0;
	lora.late = 0;
	lora.gatewayUp = true;
	lora.device.queue.splice(0);
}
