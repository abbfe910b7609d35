/** The simulated processor: boots the firmware and gives it one event after the other. */

import { drawInteger } from "../../chance.js";
import { type Boot, type BootProgram, type Effect, headerLength, replyLength, requestKinds } from "../bridge/bridge.js";
import type { GatewayFrame } from "../bridge/guest-radio.js";
import { cancel, plan, second } from "../clock.js";
import { joinNetwork, leaveNetwork, startNetwork, switchOffRadio } from "../network/network.js";
import { closeClient, createClientHost, currentRoom, openClient, writeClient } from "./clients.js";
import { deviceNow, noBytes } from "./device.js";
import { eraseFlash, PowerCut, writeFlash } from "./flash.js";
import { deliverDueBytes, type Line } from "./line.js";
import { closeListeners, closePort, createListenerHost, finishStream, openPort, sendToStream } from "./listeners.js";
import { judgeProgram, startProgram, writeSlot } from "./programs.js";
import { closeWorldPulses, noteErase, openWorldPulses, retainPulses, tellPulses } from "./pulses.js";
import type { Device, Post, Request } from "./state.js";
import { writeStore } from "./store.js";
import { beginBreak, createWorldUart, readUart, takeConditions } from "./uart.js";

/** Microseconds: a sector of 4 KiB is erased and written in some 60 ms; a signature takes 130 M instructions. */
const imageByteCost = 15;
const signatureCost = 850_000;

/** What the device does: it boots, takes one event after the other, and carries out what the firmware wants of its ports. */

/** Power on, or a restart. The firmware runs when the boot loader is done. */
export function switchOn(device: Device, resetReason: string): void {
	if (device.on) return;
	device.on = true;
	device.bootEpoch += 1;
	device.boots += 1;
	const { bootEpoch, clock, cost, flash, store, hooks, chance, sockets } = device;
	hooks.onBoot(resetReason);
	device.clients = createClientHost(
		clock,
		sockets,
		() => deviceNow(device),
		request => post(device, request),
		hooks.onPublication ?? null,
	);
	const { openListener, page } = device;
	if (openListener !== null) device.listeners = createListenerHost(openListener, request => post(device, request));
	device.busy = true;
	plan(clock, cost.boot, () => {
		if (device.bootEpoch !== bootEpoch) return;
		device.bootedAt = clock.now;
		const program = bootProgram(device);
		if (device.bootEpoch !== bootEpoch) return;
		if (device.programs?.running?.fault === "falls") plan(clock, 3 * second, () => fallOver(device, bootEpoch));
		const boot: Boot = {
			config: device.config,
			resetReason,
			version: `smarty-xs ${device.programs?.running?.version ?? "0.1.0"}`,
			macAddress: "24d7eb0c1a2f",
			seed: drawInteger(chance, 0x40000000),
			store: [...store.values],
			sectorCount: flash?.sectorCount ?? 0,
			sectorSize: flash?.sectorSize ?? 0,
			serves: openListener !== null,
			hasAir: device.hasAir,
			medium: device.radio.medium,
			hasRadio: device.lora !== null,
			...(device.remembered !== null && { remembered: device.remembered }),
			...(program !== null && { program }),
			page: page.length,
			retained: device.pulses?.retained ?? null,
		};
		device.remembered = null;
		const bytes = page.length === 0 ? (flash?.bytes ?? noBytes) : Buffer.concat([flash?.bytes ?? noBytes, page]);
		return run(device, { kind: "boot", json: JSON.stringify(boot), bytes, cost: 20_000 });
	});
}

/** The power went in an operation on flash, and comes back. Any other error is not ours. */
function losePower(device: Device, error: unknown): void {
	if (!(error instanceof PowerCut)) throw error;
	switchOff(device, "power cut in a write");
	plan(device.clock, 2 * second, () => switchOn(device, "power on"));
}

function fallOver(device: Device, bootEpoch: number): void {
	if (device.bootEpoch === bootEpoch) restart(device, "panic");
}

/** The boot loader: which program runs. Null where there is one only. */
function bootProgram(device: Device): BootProgram | null {
	const { programs } = device;
	if (programs === null) return null;
	try {
		const program = startProgram(programs, device.hooks.onViolation);
		if (programs.running !== null) device.hooks.onProgram?.("boots", programs.running);
		return program;
	} catch (error) {
		losePower(device, error);
		return null;
	}
}

/** The power goes, or the processor starts anew: memory, radio and sockets are gone in this moment. */
export function switchOff(device: Device, reason: string): void {
	if (!device.on) return;
	for (const line of linesOf(device)) deliverDueBytes(line);
	device.hooks.onOff(reason);
	// A restart leaves the memory of the real-time clock as it is.
	if (device.pulses !== null) closeWorldPulses(device.pulses, isPowerLost(reason));
	device.on = false;
	device.bootEpoch += 1;
	device.busy = false;
	device.posts.length = 0;
	cancel(device.turn);
	device.turn = null;
	cancel(device.alarm);
	device.alarm = null;
	device.uart = null;
	for (const line of linesOf(device)) line.uart = null;
	device.posted.clear();
	device.networkPosted = false;
	for (const pin of [...device.high]) setOutput(device, pin, false);
	if (device.listeners !== null) closeListeners(device.listeners);
	device.listeners = null;
	if (device.clients !== null) device.clients.gone = true;
	device.clients = null;
	switchOffRadio(device.radio);
	device.lora?.onSilence();
	device.lora?.coming.splice(0);
	device.hooks.onAir?.(null);
	device.sockets.abandon();
}

/** The power went, and not only the program. */
export function isPowerLost(reason: string): boolean {
	return reason.startsWith("power cut");
}

/** Puts an event at the end of the firmware's queue. */
export function post(device: Device, request: Post): void {
	if (!device.on) return;
	device.posts.push(request);
	planTurn(device);
}

/** A gateway begins to send to the board. */
export function sendToBoard(device: Device, frame: GatewayFrame): void {
	if (!device.on || device.lora === null) return;
	device.lora.coming.push(frame);
	planTurn(device);
}

/** A line typed at the serial console. */
export function type(device: Device, line: string): void {
	post(device, () => ({ kind: "console", json: JSON.stringify(line), bytes: noBytes, cost: 1_000 }));
}

function planTurn(device: Device): void {
	const isIdle = device.posts.length === 0 && !device.lora?.coming.length;
	if (device.busy || device.turn !== null || isIdle) return;
	device.turn = plan(device.clock, 0, () => {
		device.turn = null;
		return takeTurn(device);
	});
}

function takeTurn(device: Device): void | Promise<void> {
	// Busy from here on: what is looked up for the event may be news itself.
	device.busy = true;
	// Whatever else waits: a radio's frame is in the air when the program looks.
	const frame = device.lora?.coming.shift();
	if (frame !== undefined)
		return run(device, { kind: "gateway", json: JSON.stringify(frame), bytes: noBytes, cost: 0 });
	while (device.posts.length > 0) {
		const request = device.posts.shift()!();
		if (request !== null) return run(device, request);
	}
	device.busy = false;
}

async function run(device: Device, request: Request): Promise<void> {
	const { clock, cost, engine, bootEpoch } = device;
	device.busy = true;
	const reply = await engine.call(encodeRequest(device, request));
	const view = new DataView(reply.buffer, reply.byteOffset, reply.length);
	const length = view.getUint32(8);
	const effects: Effect[] = length === 0 ? [] : JSON.parse(new TextDecoder().decode(reply.subarray(12, 12 + length)));
	let spent = cost.event + request.cost;
	for (const effect of effects) {
		if (effect[0] === "publish") spent += cost.publication;
		else if (effect[0] === "image") spent += effect[1] * imageByteCost;
		else if (effect[0] === "slot" && effect[1] === "open") spent += signatureCost;
	}
	device.computed += spent;
	plan(clock, spent, () => {
		if (device.bootEpoch !== bootEpoch) return;
		device.busy = false;
		try {
			applyAll(device, effects, reply.subarray(replyLength + length));
		} catch (error) {
			losePower(device, error);
			return;
		}
		if (device.bootEpoch !== bootEpoch) return;
		setAlarm(device, view.getFloat64(0));
		planTurn(device);
	});
}

function encodeRequest(device: Device, { kind, json, bytes }: Request): Uint8Array {
	const text = json === "" ? noBytes : new TextEncoder().encode(json);
	const request = new Uint8Array(headerLength + text.length + bytes.length);
	const view = new DataView(request.buffer);
	view.setUint8(0, requestKinds.indexOf(kind));
	view.setFloat64(1, deviceNow(device));
	view.setInt32(9, device.clients?.current ?? 0);
	view.setInt32(13, device.clients === null ? 0 : currentRoom(device.clients));
	view.setUint32(17, text.length);
	const [register, first, newest] = device.pulses === null ? [0, 0, 0] : tellPulses(device.pulses, device.bootedAt);
	view.setUint32(21, register);
	view.setFloat64(25, first);
	view.setFloat64(33, newest);
	request.set(text, headerLength);
	request.set(bytes, headerLength + text.length);
	return request;
}

function setAlarm(device: Device, due: number): void {
	const { clock } = device;
	cancel(device.alarm);
	device.alarm = null;
	if (due < 0) return;
	device.alarm = plan(clock, Math.max(0, device.bootedAt + due * 1000 - clock.now), () => {
		device.alarm = null;
		post(device, () => ({ kind: "alarm", json: "", bytes: noBytes, cost: 0 }));
	});
}

function applyAll(device: Device, effects: readonly Effect[], bytes: Uint8Array): void {
	const { bootEpoch } = device;
	let at = 0;
	for (const effect of effects) {
		let part: Uint8Array = noBytes;
		if (
			effect[0] === "publish" ||
			effect[0] === "write" ||
			effect[0] === "send" ||
			effect[0] === "image" ||
			effect[0] === "transmit"
		) {
			const length = effect[0] === "publish" ? effect[3] : effect[0] === "image" ? effect[1] : effect[2];
			part = bytes.subarray(at, at + length);
			at += length;
		}
		apply(device, effect, part);
		if (device.bootEpoch !== bootEpoch) return;
	}
}

function apply(device: Device, effect: Effect, bytes: Uint8Array): void {
	const { flash, store, radio, hooks } = device;
	switch (effect[0]) {
		case "write":
			hooks.onFlash?.();
			writeFlash(flash!, effect[1], bytes);
			break;
		case "erase":
			hooks.onFlash?.();
			eraseFlash(flash!, effect[1]);
			if (device.pulses !== null) noteErase(device.pulses);
			break;
		case "pulses":
			openWorldPulses(device.pulses!);
			break;
		case "retain":
			retainPulses(device.pulses!, effect[1], effect[2], effect[3]);
			break;
		case "store":
			writeStore(store, effect[1], effect[2]);
			break;
		case "uart":
			openUart(device, effect[1].line);
			break;
		case "output":
			break;
		case "request":
			setOutput(device, effect[1], effect[2]);
			break;
		case "look": {
			const at = effect[1];
			post(device, () => readLine(device, at, true));
			break;
		}
		case "radio":
			radio.onChanged = () => postNetwork(device);
			startNetwork(radio);
			break;
		case "connect":
			joinNetwork(radio, effect[1], effect[2]);
			break;
		case "disconnect":
			leaveNetwork(radio);
			break;
		case "air":
			hooks.onAir?.(effect[1]);
			break;
		case "console":
			hooks.onConsole(effect[1]);
			break;
		case "escaped":
			hooks.onViolation(`an exception escaped: ${effect[1]}`);
			break;
		case "restart":
			restart(device, "restart");
			break;
		case "listen":
			if (device.listeners !== null) openPort(device.listeners, effect[1]);
			break;
		case "unlisten":
			if (device.listeners !== null) closePort(device.listeners, effect[1]);
			break;
		case "send":
			if (device.listeners !== null) sendToStream(device.listeners, effect[1], bytes);
			break;
		case "finish":
			if (device.listeners !== null) finishStream(device.listeners, effect[1]);
			break;
		case "slot":
			writeSlot(device.programs!, effect[1]);
			break;
		case "image":
			device.programs!.slot?.write(bytes);
			break;
		case "program":
			decideProgram(device, effect[1]);
			break;
		case "transmit":
			device.lora?.onTransmit(effect[1], bytes);
			break;
		case "silence":
			device.lora?.onSilence();
			break;
		case "fault":
			hooks.onViolation(`the radio's chip: ${effect[1]}`);
			break;
		case "heard":
			device.lora?.onHeard();
			break;
		case "light":
		case "time":
			break;
		default:
			applyToClient(device, effect, bytes);
	}
}

function decideProgram(device: Device, verdict: "keep" | "give up"): void {
	const { programs, hooks } = device;
	const running = programs!.running!;
	const isOver = judgeProgram(programs!, verdict);
	hooks.onProgram?.(isOver ? "given up" : "kept", running);
	if (isOver) restart(device, "restart");
}

function applyToClient(device: Device, effect: Effect, bytes: Uint8Array): void {
	const { clients, hooks } = device;
	if (clients === null) return;
	try {
		if (effect[0] === "open") {
			openClient(clients, effect[1], effect[2]);
		} else if (effect[0] === "publish") {
			writeClient(clients, effect[1], effect[2], bytes);
		} else if (effect[0] === "close") {
			closeClient(clients, effect[1]);
		}
	} catch (error) {
		// What the SDK's client would have made of it: the device restarts.
		hooks.onViolation(`the MQTT client threw: ${error instanceof Error ? error.message : error}`);
		restart(device, "panic");
	}
}

/** The processor starts anew without losing power. */
export function restart(device: Device, reason: string): void {
	switchOff(device, reason);
	switchOn(device, reason);
}

/** All data lines of the board, in their order. */
function linesOf({ line, furtherLines }: Device): Line[] {
	return [line, ...furtherLines];
}

function setOutput({ high, hooks }: Device, pin: number, on: boolean): void {
	if (high.has(pin) === on) return;
	if (on) high.add(pin);
	else high.delete(pin);
	hooks.onOutput?.(pin, on);
}

function openUart(device: Device, at: number): void {
	const line = linesOf(device)[at]!;
	deliverDueBytes(line);
	const uart = createWorldUart(() => postUart(device, at), device.ring);
	line.uart = uart;
	if (at === 0) device.uart = uart;
	if (!line.connected) beginBreak(uart);
}

/** At most one message of the driver is under way, as in its C code. */
function postUart(device: Device, at: number): void {
	const line = linesOf(device)[at]!;
	if (device.posted.has(line) || !device.on) return;
	device.posted.add(line);
	post(device, () => {
		device.posted.delete(line);
		return readLine(device, at);
	});
}

/** What the line has brought. With `always` also that there is nothing. */
function readLine(device: Device, at: number, always = false): Request | null {
	const { hooks, cost, bootEpoch } = device;
	const line = linesOf(device)[at]!;
	const { uart } = line;
	if (uart === null) return null;
	deliverDueBytes(line);
	const { bytes, tags } = readUart(uart);
	const conditions = takeConditions(uart);
	if (device.programs?.running?.fault === "deaf") return null;
	if (bytes.length === 0 && conditions === null && !always) return null;
	let spent = bytes.length * cost.byte;
	for (let start = 0; start < tags.length; ) {
		const tag = tags[start]!;
		let end = start + 1;
		while (end < tags.length && tags[end] === tag) end += 1;
		if (hooks.onRead(tag, end - start, bootEpoch, at)) spent += cost.telegram;
		// Spread over all bytes of frames: what the last one costs has been paid for by then.
		if (tag >= 0) spent += (end - start) * cost.telegramByte;
		start = end;
	}
	return { kind: "receive", json: JSON.stringify({ line: at, conditions }), bytes, cost: spent };
}

function postNetwork(device: Device): void {
	if (device.networkPosted) return;
	device.networkPosted = true;
	post(device, () => {
		device.networkPosted = false;
		const { state, address, signalStrength, reason } = device.radio;
		return {
			kind: "network",
			json: JSON.stringify({ state, address, signalStrength, reason }),
			bytes: noBytes,
			cost: 0,
		};
	});
}
