/** Plain LoRa: sealed frames and SmartyReader's, the numbers that never come again, and what sends them. */
import { createCipheriv, createDecipheriv } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { openAnyRadio } from "../../modules/lorawan/drivers.js";
import { openFrameNumbers, reservedFrames, takeFrameNumber } from "../../modules/lorawan/frame-numbers.js";
import { readPins } from "../../modules/lorawan/open-radio.js";
import { createPart } from "../../modules/lorawan/part.js";
import type { Sender, SenderHost, SenderOptions } from "../../modules/lorawan/part-type.js";
import { places, type Reported } from "../../modules/lorawan/payload.js";
import { sealedModulation, sealFrame } from "../../modules/lorawan/sealed.js";
import { smartyReaderModulation } from "../../modules/lorawan/smartyreader.js";
import { createGcm, open, seal } from "../../modules/p1/gcm.js";
import { createReadings } from "../../modules/p1/readings.js";
import type { Ports } from "../../modules/ports/ports.js";
import { createChance, draw, drawInteger } from "../../simulator/chance.js";
import { type AirFrame, addGateway, createAir, type Received } from "../../simulator/lora/air.js";
import { createSx1276Model } from "../../simulator/lora/sx1276.js";
import { createLoraDecoder, splitFrames } from "../../tools/lora-frames.js";
import { createFakeStore, type FakeStore } from "../support/fake-ports.js";
import { createVirtualClock, type VirtualClock } from "../support/virtual-clock.js";
import { hex } from "./hex.js";

const key = hex("00112233445566778899aabbccddeeff");
const device = hex("70b3d57ed0061234");

describe("sealing", () => {
	const bytes = (maxLength: number, minLength = 0) => fc.uint8Array({ minLength, maxLength });

	test("is OpenSSL's AES-128-GCM, and opens again", () => {
		const cases = fc.tuple(bytes(16, 16), bytes(12, 12), bytes(40), bytes(80), fc.integer({ min: 12, max: 16 }));
		fc.assert(
			fc.property(cases, ([ownKey, nonce, additional, text, tagLength]) => {
				const cipher = createCipheriv("aes-128-gcm", ownKey, nonce, { authTagLength: tagLength });
				cipher.setAAD(additional);
				const expected = Buffer.concat([cipher.update(text), cipher.final(), cipher.getAuthTag()]);
				const buffer = new Uint8Array(5 + text.length + tagLength + 3);
				buffer.set(text, 5);
				const gcm = createGcm(ownKey);
				const end = 5 + text.length;
				seal(gcm, nonce, additional, buffer, 5, end, tagLength);
				expect(Buffer.from(buffer.subarray(5, end + tagLength))).toEqual(expected);
				expect(buffer.subarray(0, 5)).toEqual(new Uint8Array(5));
				expect(buffer.subarray(end + tagLength)).toEqual(new Uint8Array(3));
				expect(open(gcm, nonce, additional, buffer, 5, end, tagLength)).toBe(true);
				expect(buffer.subarray(5, end)).toEqual(text);
			}),
		);
	});

	test("refuses a short tag, and one that has no room", () => {
		const gcm = createGcm(key);
		expect(() => seal(gcm, new Uint8Array(12), key, new Uint8Array(40), 0, 8, 8)).toThrow("12 to 16 bytes, not 8");
		expect(() => seal(gcm, new Uint8Array(12), key, new Uint8Array(40), 0, 30, 12)).toThrow("outside");
	});

	test("makes a frame that OpenSSL opens with both numbers as nonce and all before the text as additional data", () => {
		const frame = new Uint8Array(100);
		frame.set([1, 2, 3], 14);
		const gcm = createGcm(key);
		const sealWith = (nonce: Uint8Array, additional: Uint8Array, text: Uint8Array, start: number, end: number) =>
			seal(gcm, nonce, additional, text, start, end, 12);
		expect(sealFrame(sealWith, device, 0xfedcba98, 2, frame, 3)).toBe(29);
		const nonce = Buffer.concat([device, hex("fedcba98")]);
		expect(Buffer.from(frame.subarray(0, 14)).toString("hex")).toBe(`5302${nonce.toString("hex")}`);
		const decipher = createDecipheriv("aes-128-gcm", key, nonce, { authTagLength: 12 });
		decipher.setAAD(frame.subarray(0, 14));
		decipher.setAuthTag(frame.subarray(17, 29));
		expect([...decipher.update(frame.subarray(14, 17)), ...decipher.final()]).toEqual([1, 2, 3]);
	});
});

describe("numbers of frames", () => {
	test("rise by one, with one write of the store for many", () => {
		const store = createFakeStore();
		const frames = openFrameNumbers(store, () => 0);
		const given = Array.from({ length: 2 * reservedFrames + 1 }, () => takeFrameNumber(frames));
		expect(given).toEqual(Array.from({ length: 2 * reservedFrames + 1 }, (_, at) => at));
		expect(store.writes).toBe(3);
	});

	test("begin elsewhere where the store has none", () => {
		const firsts = [0, 0.25, 0.999].map(chance => openFrameNumbers(createFakeStore(), () => chance).next);
		expect(firsts).toEqual([0, 0x10000000, Math.floor(0.999 * 0x40000000)]);
	});

	test.each(["old", "none", "part", "new"] as const)(
		"never repeat, whatever a cut in any write leaves (%s), and boots come at any time",
		leaves => {
			for (let seed = 0; seed < 40; seed++) {
				const chance = createChance(seed);
				const store = createFakeStore();
				const seen = new Set<number>();
				for (let boot = 0; boot < 30; boot++) {
					const frames = openFrameNumbers(store, () => draw(chance));
					store.cut = { at: store.writes + 1 + drawInteger(chance, 3), leaves };
					const count = drawInteger(chance, 3 * reservedFrames);
					for (let turn = 0; turn < count; turn++) {
						const number = takeFrameNumber(frames);
						// The power is gone.
						if (store.writes >= store.cut.at) break;
						expect(seen.has(number)).toBe(false);
						seen.add(number);
					}
					store.cut = null;
				}
				expect(seen.size).toBeGreaterThan(200);
			}
		},
	);

	test("are none where the store keeps nothing, or forgets, and where they are used up", () => {
		const broken = createFakeStore();
		broken.write = () => {
			throw new Error("full");
		};
		expect(takeFrameNumber(openFrameNumbers(broken, () => 0))).toBe(-1);
		const forgetful = createFakeStore();
		forgetful.write = () => {};
		expect(takeFrameNumber(openFrameNumbers(forgetful, () => 0))).toBe(-1);
		const last = 0xffffffff - reservedFrames;
		const store = createFakeStore(new Map([["loraFrame0", `${last + 1}=${last + 1}`]]));
		const frames = openFrameNumbers(store, () => 0);
		for (let turn = 0; turn < reservedFrames; turn++) expect(takeFrameNumber(frames)).toBe(last + 1 + turn);
		expect(takeFrameNumber(frames)).toBe(-1);
	});

	test("of damaged places count as none", () => {
		for (const text of ["12", "12=13", "=", "x=x", "1.5=1.5", "12=12=12"]) {
			const store = createFakeStore(new Map([["loraFrame0", text]]));
			expect(openFrameNumbers(store, () => 0).next, text).toBe(0);
		}
	});
});

const hourMs = 3_600_000;

interface Scene {
	clock: VirtualClock;
	store: FakeStore;
	sender: Sender;
	host: SenderHost;
	heard: Received[];
	sent: AirFrame[];
	notes: string[];
	model: ReturnType<typeof createSx1276Model>;
}

const usual: SenderOptions = {
	mode: "sealed",
	devEui: device,
	joinEui: new Uint8Array(8),
	appKey: null,
	key,
	payload: "full",
	interval: 300_000,
	fairUse: true,
	power: 16,
};

function createScene(options: Partial<SenderOptions> = {}, store = createFakeStore()): Scene {
	const clock = createVirtualClock();
	const air = createAir(clock, createChance(1));
	const radioPins = "5 19 27 18 23 26";
	const model = createSx1276Model(air, "device", readPins(radioPins));
	const heard: Received[] = [];
	const sent: AirFrame[] = [];
	const notes: string[] = [];
	const gateway = () => true;
	addGateway(air, "receiver", gateway, frame => heard.push(frame));
	air.observers.push(frame => sent.push(frame));
	const whole = { clock: { ...clock, now: () => Math.floor(clock.now()) }, random: () => 0, ...model.board.ports };
	const host: SenderHost = {
		ports: { ...whole, store } as Pick<Ports, "clock" | "store" | "random" | "openOutput"> & typeof model.board.ports,
		config: { radio: "sx1276", radioPins },
		note: text => notes.push(text),
		onRadio: () => {},
		peekLate: () => null,
		takeLate: () => {},
		endLate: () => {},
	};
	const sender = createPart(openAnyRadio).createSender({ ...usual, ...options }, host, 0);
	return { clock, store, sender, host, heard, sent, notes, model };
}

function makeReported(imported: number | null): Reported {
	const readings = createReadings("METER");
	readings.values[places.import] = imported;
	readings.values[places.export] = 7_890;
	readings.values[places.powerImport] = 420;
	readings.values[places.powerExport] = 0;
	return { verdict: "authenticated", readings };
}

/** The firmware's part: a telegram each ten seconds, and runs at the deadline. */
function live({ clock, sender }: Scene, duration: number, imported: number | null = 1_234_560): void {
	const end = clock.now() + duration;
	let next = clock.now();
	while (clock.now() < end) {
		if (clock.now() >= next) {
			sender.offer(makeReported(imported));
			next += 10_000;
		}
		sender.run(false, Math.floor(clock.now()));
		clock.pass(Math.max(1, Math.min(next, sender.deadline) - clock.now()));
	}
}

describe("what sends plain LoRa", () => {
	test("sends sealed readings each interval, with rising numbers, and the tool reads them", () => {
		const scene = createScene();
		live(scene, hourMs);
		expect(scene.heard.length).toBeGreaterThanOrEqual(11);
		expect(scene.heard.length).toBeLessThanOrEqual(12);
		const decode = createLoraDecoder(key);
		const text = scene.heard.map(({ bytes }) => Buffer.from(bytes).toString("hex")).join("\n");
		const lines = splitFrames(Buffer.from(text)).map(decode);
		expect(lines.map(({ number }) => number)).toEqual(lines.map((_, at) => at));
		for (const line of lines) {
			expect(line).toMatchObject({ form: "sealed", device: "70b3d57ed0061234", port: 2 });
			expect(line.data).toMatchObject({ active_energy_import: 1234.56, active_energy_export: 7.89 });
		}
		for (const { frame } of scene.heard) expect(frame).toMatchObject({ modulation: sealedModulation, power: 13 });
		expect(scene.model.faults).toEqual([]);
		expect(scene.notes).toEqual(["radio found"]);
		expect(scene.sender.state).toBe("ready");
		expect(scene.sender.describe(0)).toMatchObject({ mode: "sealed", sent: scene.heard.length });
		expect(scene.sender.tell(0)[0]).toContain(`${scene.heard.length} frames sent`);
		expect(scene.sender.rejoin(0)).toBe(false);
	});

	test("sends what SmartyReader sends, byte by byte", () => {
		const scene = createScene({ mode: "smartyreader", key: null });
		live(scene, hourMs / 2);
		const [first, second] = scene.heard;
		expect(Buffer.from(first!.bytes).toString("latin1")).toBe("\xfe\x05\x00\x0c1234.56;7.89");
		expect(second!.bytes[2]).toBe(1);
		expect(first!.frame.modulation).toEqual(smartyReaderModulation);
		expect(smartyReaderModulation).toEqual({
			frequency: 868_000_000,
			spreading: 7,
			inverted: false,
			crc: false,
			syncWord: 0x12,
		});
		expect(createLoraDecoder(null)(first!.bytes)).toEqual({
			kind: "lora",
			form: "smartyreader",
			sender: 5,
			number: 0,
			data: { active_energy_import: 1234.56, active_energy_export: 7.89 },
		});
		expect(scene.model.faults).toEqual([]);
	});

	test.each(["sealed", "smartyreader"] as const)("never sends for more than 36 s of an hour (%s)", mode => {
		const scene = createScene({ mode, interval: 10_000 });
		// As often as it can: a telegram each time that a frame was sent.
		const end = 3 * hourMs;
		while (scene.clock.now() < end) {
			scene.sender.offer(makeReported(1_000));
			scene.sender.run(false, Math.floor(scene.clock.now()));
			scene.clock.pass(Math.max(1, Math.min(scene.sender.deadline, scene.clock.now() + 500) - scene.clock.now()));
		}
		expect(scene.sent.length).toBeGreaterThan(100);
		for (const { start } of scene.sent) {
			const within = scene.sent.filter(frame => frame.start >= start && frame.start < start + hourMs);
			const airtimeMs = within.reduce((sum, frame) => sum + frame.end - frame.start, 0);
			expect(airtimeMs).toBeLessThanOrEqual(36_000);
		}
	});

	test("sends nothing while a telegram is opened, nothing that has no number, and no text without values", () => {
		const scene = createScene();
		scene.sender.run(false, 0);
		scene.clock.pass(hourMs);
		scene.sender.offer(makeReported(1));
		scene.sender.run(true, scene.host.ports.clock.now());
		expect(scene.sent).toEqual([]);
		scene.store.write = () => {
			throw new Error("full");
		};
		scene.sender.run(false, scene.host.ports.clock.now());
		expect(scene.sent).toEqual([]);
		expect(scene.sender.describe(0)).toMatchObject({ store_failures: 1 });
		expect(scene.sender.tell(0).join()).toContain("1 frames not sent");
		const text = createScene({ mode: "smartyreader" });
		live(text, hourMs, null);
		expect(text.sent).toEqual([]);
	});

	test("numbers go on after a restart", () => {
		const scene = createScene();
		live(scene, hourMs);
		const again = createScene({}, scene.store);
		live(again, hourMs);
		const decode = createLoraDecoder(key);
		const numbers = [...scene.heard, ...again.heard].map(({ bytes }) => Number(decode(bytes).number));
		expect(new Set(numbers).size).toBe(numbers.length);
		expect(numbers).toEqual([...numbers].sort((one, other) => one - other));
	});

	test("without a radio says so once, tries again, and finds it", () => {
		const scene = createScene();
		scene.model.setPower(false);
		live(scene, 10 * 60_000);
		expect(scene.notes).toEqual(["no radio: no SX1276 answers"]);
		expect(scene.sender.state).toBe("noRadio");
		expect(scene.sender.tell(0)[1]).toContain("no SX1276 answers");
		scene.model.setPower(true);
		live(scene, hourMs);
		expect(scene.heard.length).toBeGreaterThan(9);
		scene.model.setPower(false);
		live(scene, 10 * 60_000);
		scene.model.setPower(true);
		const before = scene.heard.length;
		live(scene, hourMs);
		expect(scene.heard.length).toBeGreaterThan(before + 9);
	});
});

describe("reading frames", () => {
	const gcm = createGcm(key);
	const make = (number: number): Uint8Array => {
		const frame = new Uint8Array(37);
		sealFrame((...words) => seal(gcm, ...words, 12), device, number, 1, frame, 11);
		return frame;
	};

	test("tells a wrong key, a changed bit, a recording, and what is no frame", () => {
		const decode = createLoraDecoder(key);
		expect(createLoraDecoder(null)(make(1))).toMatchObject({ number: 1, problem: "no key was given" });
		expect(createLoraDecoder(new Uint8Array(16))(make(1)).problem).toContain("its tag is wrong");
		for (let at = 1; at < 37; at++) {
			const changed = make(5);
			changed[at]! ^= 1;
			expect(decode(changed).problem, String(at)).toContain("its tag is wrong");
		}
		expect(decode(make(5)).problem).toBeUndefined();
		expect(decode(make(5)).problem).toContain("it came before");
		expect(decode(make(4)).problem).toContain("it came before");
		expect(decode(make(6)).problem).toBeUndefined();
		for (const bytes of ["", "53", "fe0500ff31", "40aabbccdd"])
			expect(decode(hex(bytes)).problem, bytes).toContain("neither");
	});

	test("takes lines of digits with spaces, or one frame as it is", () => {
		expect(splitFrames(Buffer.from("fe 05\n\n FE06\n"))).toEqual([hex("fe05"), hex("fe06")]);
		expect(splitFrames(Uint8Array.of(0xfe, 5, 0, 1, 0x31))).toEqual([Uint8Array.of(0xfe, 5, 0, 1, 0x31)]);
	});
});
