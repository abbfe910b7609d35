/** Boards with a LoRa radio: their targets, and the ports that they have besides. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { readPins } from "../../modules/lorawan/open-radio.js";
import type { Input, Spi, SpiOptions } from "../../modules/ports/ports.js";
import { checkSettings, readConfiguration } from "../../modules/settings/settings.js";
import { readJson, root } from "../../tools/sdk/modules.js";
import { type Loaded, load } from "./stand-in.js";

interface Target {
	config: Record<string, string>;
	typescript?: { tsconfig: { compilerOptions: { customConditions: string[] } } };
}

const targets = readdirSync(join(root, "targets"))
	.map(name => ({ name, ...readJson<Target>(`targets/${name}/manifest.json`) }))
	.filter(({ config }) => config.radio !== undefined);

const KiB = 1024;

test("there are two", () => {
	expect(targets.map(({ name }) => name)).toEqual(["lilygo_lora32", "lolin_d32_rfm95"]);
});

describe.each(targets)("the target $name", ({ name, config, typescript }) => {
	const pins = readPins(config.radioPins!);
	const radio = [pins.clock, pins.in, pins.out, pins.select, pins.reset, pins.event];
	const own = [config.receivePin, config.requestPin, config.lightPin].map(Number);

	test("uses each pin once, none of the flash's or the USB's, and no input as an output", () => {
		expect(config).toMatchObject({ board: name, radio: "sx1276" });
		expect(pins.busy).toBe(-1);
		const all = [...radio, ...own];
		expect(new Set(all).size).toBe(all.length);
		for (const pin of all) expect([1, 3, 6, 7, 8, 9, 10, 11]).not.toContain(pin);
		// The strapping pins 0, 2 and 12 decide how it boots; 5 and 15 only what the ROM prints, and SDIO's timing.
		for (const pin of all) expect([0, 2, 12]).not.toContain(pin);
		for (const pin of [pins.clock, pins.out, pins.select, pins.reset, ...own.slice(1)]) expect(pin).toBeLessThan(34);
		expect(readFileSync(join(root, `targets/${name}/host/provider.js`), "utf8")).toContain(`led: ${config.lightPin}`);
	});

	test("has the stack linked in, and a valid set-up without WiFi and a broker", () => {
		expect(typescript!.tsconfig.compilerOptions.customConditions).toEqual(["lorawan"]);
		const { receivePin, requestPin } = config;
		const pools = { slots: Number(config.heapSlots), chunks: Number(config.heapChunks) };
		const lora = { lora: "lorawan", loraAppKey: "00112233445566778899AABBCCDDEEFF" };
		const key = "6F1C2A93D4075BE8116CA2F09D347E58";
		const built = readConfiguration({ receivePin, requestPin, key, ...lora });
		expect(checkSettings(built, "wifi", pools).problems).toEqual([]);
	});

	test("has the LOLIN D32's options, and slots that are as large as a flash of 4 MiB lets them be", () => {
		const options = (target: string) =>
			readFileSync(join(root, `targets/${target}/sdkconfig/sdkconfig.defaults`), "utf8");
		expect(options(name)).toBe(options("lolin_d32"));
		const table = readFileSync(join(root, `targets/${name}/partitions.csv`), "utf8")
			.split("\n")
			.filter(line => line !== "" && !line.startsWith("#"))
			.map(line => line.split(",").map(cell => cell.trim()));
		let end = 0x9000;
		for (const [partition, type, , offset, size] of table) {
			expect(Number(offset) % (type === "app" ? 64 * KiB : 4 * KiB), partition).toBe(0);
			expect(Number(size) % (4 * KiB), partition).toBe(0);
			expect(Number(offset) - end, partition).toBeGreaterThanOrEqual(0);
			expect(Number(offset) - end, partition).toBeLessThan(64 * KiB);
			end = Number(offset) + Number(size);
		}
		expect(end).toBe(4096 * KiB);
		const sizes = Object.fromEntries(table.map(([partition, , , , size]) => [partition, Number(size)]));
		expect(sizes).toMatchObject({ ota_0: 1952 * KiB, ota_1: 1952 * KiB, nvs: 48 * KiB, history: 48 * KiB });
	});
});

test("the LILYGO's pins are those of its radio, and its receiving pin needs a pull-up of the adapter", () => {
	const { config } = targets[0]!;
	expect(config).toMatchObject({ radioPins: "5 19 27 18 23 26", lightPin: "25", lightOn: "high", receivePin: "34" });
	// 16 and 17 are its flash; 21 and 22 the display; 32 and 33 lead to the radio's DIO2 and DIO1.
	for (const pin of [config.receivePin, config.requestPin]) expect([16, 17, 21, 22, 32, 33]).not.toContain(Number(pin));
});

describe("SPI and inputs of such a board", () => {
	const digital = `export default class Digital {
		static Input = 0; static Output = 8; static Rising = 1;
		constructor(options) {
			globalThis.WORLD.call("open", options);
			if (globalThis.WORLD.failing.has("pin " + options.pin)) throw new Error("in use");
			this.pin = options.pin;
		}
		read() { return 1; }
		close() { globalThis.WORLD.call("close", this.pin); }
	}`;
	type Open = (pin: number, onRise: (() => void) | null) => Input;
	type Board = { board: { openSpi(options: SpiOptions): Spi; openInput: Open } };
	let board: Loaded<{ lorawan: Board }>;
	let transfers: unknown[][];

	beforeEach(async () => {
		transfers = [];
		Object.assign(globalThis, {
			native: (name: string) => ({ call: (_: object, ...words: unknown[]) => transfers.push([name, ...words]) }),
		});
		board = await load("modules/device/radio/lorawan.ts", {
			"embedded:io/digital": digital,
			"aes-js": "export default {}",
		});
	});

	const calls = () => board.world.calls.map(([called, about]) => [called, (about as { pin?: number }).pin ?? about]);
	const open = () => ({ ...board.module.lorawan.board, guard: board.guard });

	test("a transfer is one call of C, with the pins that were opened", () => {
		const spi = open().openSpi({ clock: 5, out: 27, in: 19 });
		const bytes = new Uint8Array(4);
		spi.transfer(bytes, 2);
		expect(transfers).toEqual([["smarty_spi_transfer", 5, 27, 19, bytes, 2]]);
		expect(board.world.calls.map(([, options]) => options)).toEqual([
			{ pin: 5, mode: 8 },
			{ pin: 27, mode: 8 },
			{ pin: 19, mode: 0 },
		]);
		spi.close();
		expect(calls().slice(3)).toEqual([
			["close", 5],
			["close", 27],
			["close", 19],
		]);
	});

	test("a pin that is in use gives back those before it", () => {
		board.world.failing.add("pin 19");
		expect(() => open().openSpi({ clock: 5, out: 27, in: 19 })).toThrow("in use");
		expect(calls().slice(3)).toEqual([
			["close", 5],
			["close", 27],
		]);
	});

	test("an input tells of rising edges, within the guard, or takes no interrupt", () => {
		let rises = 0;
		const input = open().openInput(26, () => {
			rises += 1;
			throw new Error("a handler");
		});
		const options = board.world.calls[0]![1] as { pin: number; edge: number; target: object; onReadable(): void };
		expect(options).toMatchObject({ pin: 26, mode: 0, edge: 1 });
		options.onReadable.call({ target: options.target });
		expect([rises, board.exceptions.map(String)]).toEqual([1, ["Error: a handler"]]);
		expect(input.read()).toBe(true);
		input.close();
		open().openInput(13, null);
		expect(board.world.calls.at(-1)![1]).toEqual({ pin: 13, mode: 0 });
	});
});

describe("the C file of SPI", () => {
	const source = join(root, "modules/device/radio/esp32");
	let folder: string;

	beforeAll(() => {
		folder = mkdtempSync(join(tmpdir(), "smarty-spi-"));
		const text = readFileSync(join(source, "smartySpi.c"), "utf8");
		// Each header that it includes is the harness.
		for (const [, name] of text.matchAll(/^#include "(.+)"/gm)) {
			mkdirSync(dirname(join(folder, name!)), { recursive: true });
			writeFileSync(join(folder, name!), "");
		}
		const words = ["-g", "-Wall", "-Wno-unused-parameter", "-fsanitize=address,undefined", "-I", folder, "-I", source];
		const harness = join(root, "tests/device/spi/harness.c");
		execFileSync("gcc", [...words, "-o", join(folder, "spi"), harness], { stdio: "pipe" });
	});

	afterAll(() => rmSync(folder, { recursive: true, force: true }));

	test.each([
		["4", "heard 12 00 ff 81, came 80 01 a5 3c, clock 0, 32 bits"],
		["2", "heard 12 00 00 00, came 80 01 ff 81, clock 0, 16 bits"],
		["0", "heard 00 00 00 00, came 12 00 ff 81, clock 0, 0 bits"],
		["5", "spi: no such bytes"],
		["-1", "spi: no such bytes"],
	])("sends and receives %s bytes, the highest bit first, in mode 0", (count, expected) => {
		expect(execFileSync(join(folder, "spi"), [count], { encoding: "utf8" }).trim()).toBe(expected);
	});

	test("defines the function that the class names", () => {
		const named = /native\("(\w+)"\)/.exec(readFileSync(join(root, "modules/device/radio/lorawan.ts"), "utf8"))![1]!;
		expect(readFileSync(join(source, "smartySpi.c"), "utf8")).toContain(`\nvoid ${named}(xsMachine *the)\n`);
	});
});
