/** Tests of `modules/messages/homeassistant/discovery.ts`. */
import { describe, expect, test } from "vitest";
import type { DiscoveryOptions } from "../../../modules/messages/homeassistant/device.js";
import {
	addMeter,
	announceAll,
	createDiscovery,
	type Discovery,
	isAllTold,
	noteReadings,
	removeMeter,
} from "../../../modules/messages/homeassistant/discovery.js";
import { encodeState } from "../../../modules/messages/json.js";
import { meterName } from "../../../modules/messages/topics.js";
import { joinPieces } from "../../support/pieces.js";
import { changeLine, readTelegram } from "../../support/telegrams.js";
import { realFrame, specificationTelegram } from "../../support/vectors.js";
import { renderTemplates } from "./jinja.js";

const options: DiscoveryOptions = {
	style: "device",
	prefix: "homeassistant",
	base: "smarty",
	version: "smarty-xs 0.1.0",
	statePeriod: 10_000,
	diagnosticsPeriod: 60_000,
	update: false,
	counters: [],
	counterPeriod: 60_000,
};

interface Component {
	p?: string;
	uniq_id: string;
	name: string;
	val_tpl: string;
	exp_aft: number;
	dev_cla?: string;
	stat_cla?: string;
	unit_of_meas?: string;
	ent_cat?: string;
	ops?: string[];
	en?: boolean;
	lrst_val_tpl?: string;
	stat_t?: string;
}

interface Config {
	dev: { ids: string[]; name: string; mf?: string; via_device?: string; cns?: string[][]; cu?: string };
	o: { name: string; sw: string };
	avty: { t: string }[];
	avty_mode: string;
	stat_t: string;
	cmps: Record<string, Component>;
}

/** Device classes with the units and state classes that Home Assistant accepts for them (its sensor documentation). */
const rules: Record<string, { units: readonly (string | undefined)[]; states: readonly (string | undefined)[] }> = {
	energy: { units: ["kWh", "GJ"], states: ["total_increasing"] },
	reactive_energy: { units: ["kvarh"], states: ["total_increasing"] },
	power: { units: ["kW"], states: ["measurement"] },
	reactive_power: { units: ["var"], states: ["measurement"] },
	apparent_power: { units: ["VA"], states: ["measurement"] },
	voltage: { units: ["V"], states: ["measurement"] },
	current: { units: ["A"], states: ["measurement"] },
	gas: { units: ["m³"], states: ["total_increasing"] },
	water: { units: ["m³"], states: ["total_increasing"] },
	volume: { units: ["m³"], states: ["total_increasing"] },
	timestamp: { units: [undefined], states: [undefined] },
	enum: { units: [undefined], states: [undefined] },
	duration: { units: ["s"], states: ["measurement"] },
	signal_strength: { units: ["dBm"], states: ["measurement"] },
	data_size: { units: ["B"], states: ["measurement"] },
	monetary: { units: ["EUR"], states: ["total"] },
};

/** What is still to be told, as whole texts. */
function takeAll(discovery: Discovery) {
	const messages: { topic: string; payload: string; quality: number; retain: boolean }[] = [];
	for (let next = discovery.takeAnnouncement(); next !== null; next = discovery.takeAnnouncement()) {
		messages.push({ ...next, payload: joinPieces(next.payload) });
	}
	return messages;
}

function discover(
	text: string,
	changes: Partial<DiscoveryOptions> = {},
	reader = "smarty-xs-a0b1c2d3e4f5",
	power = false,
) {
	const discovery = createDiscovery({ ...options, ...changes });
	const telegram = readTelegram(text);
	const meter = addMeter(discovery, meterName(telegram), power);
	noteReadings(meter, telegram.readings);
	announceAll(discovery, reader);
	const messages = takeAll(discovery);
	const configs = messages.map(message => JSON.parse(message.payload) as Config);
	return { discovery, meter, telegram, messages, configs };
}

/** The telegram of the specification with a water, a heat and an unnamed meter on its empty channels. */
const busy = changeLine(
	changeLine(
		changeLine(
			changeLine(specificationTelegram, "0-2:24.2.1", "0-2:24.2.1(200706103140S)(00001.234*m3)"),
			"0-3:24.1.0",
			"0-3:24.1.0(004)",
		),
		"0-3:24.2.1",
		"0-3:24.2.1(200706103140S)(00077.500*GJ)",
	),
	"0-3:96.1.0",
	"0-3:96.1.0(5A5249273237)",
);

describe("one message per device", () => {
	const { configs, messages, telegram } = discover(busy, {}, undefined, true);

	test("the reader, the meter and each meter on its bus, linked and retained", () => {
		const meter = "smarty-xs-a0b1c2d3e4f5_SAG1030790002574";
		expect(messages.map(({ topic, quality, retain }) => [topic, quality, retain])).toEqual(
			[
				"smarty-xs-a0b1c2d3e4f5",
				meter,
				`${meter}_gas_FLO189900060355`,
				`${meter}_water_channel_2`,
				`${meter}_heat_ZRI_27`,
				`${meter}_gas_ELS353589980300`,
			].map(id => [`homeassistant/device/${id}/config`, 1, true]),
		);
		expect(configs.map(config => config.dev.via_device)).toEqual([
			undefined,
			"smarty-xs-a0b1c2d3e4f5",
			...[meter, meter, meter, meter],
		]);
		for (const config of configs) {
			const topics = ["smarty/smarty-xs-a0b1c2d3e4f5/status", "smarty/SAG1030790002574/status"];
			expect(config.avty).toEqual((config === configs[0] ? topics.slice(0, 1) : topics).map(t => ({ t })));
			expect(config.avty_mode).toBe("all");
			expect(config.o).toEqual({ name: "smarty-xs", sw: "0.1.0" });
		}
		expect(configs[1].stat_t).toBe("smarty/SAG1030790002574/state");
		expect(configs[1].cmps.quarter_power.stat_t).toBe("smarty/SAG1030790002574/power");
	});

	test("every reading is an entity that Home Assistant accepts", () => {
		const components = configs.flatMap(config => Object.values(config.cmps));
		expect(new Set(components.map(component => component.uniq_id)).size).toBe(components.length);
		for (const { p, dev_cla, unit_of_meas, stat_cla, ops, exp_aft, name, ent_cat } of components) {
			expect(p).toBe("sensor");
			expect(name).toMatch(/^[A-Z]/);
			expect([30, 180]).toContain(exp_aft);
			expect([undefined, "diagnostic"]).toContain(ent_cat);
			expect(ops === undefined).toBe(dev_cla !== "enum");
			if (dev_cla === undefined) {
				expect(unit_of_meas).toBeUndefined();
				continue;
			}
			expect(rules[dev_cla].units, name).toContain(unit_of_meas);
			expect(rules[dev_cla].states, name).toContain(stat_cla);
		}
		// All 41 registers, and the time, the message, the verdict, the signed power, the seven of the power class and the meter's state.
		expect(Object.keys(configs[1].cmps)).toHaveLength(41 + 4 + 7 + 1);
		expect(Math.max(...messages.map(message => message.payload.length))).toBeLessThan(18_432);
	});

	test("Jinja finds every value in the state message", () => {
		const render = (at: number, payload: string) => {
			const names = Object.keys(configs[at].cmps).filter(name => configs[at].cmps[name].stat_t === undefined);
			const values = renderTemplates(
				names.map(name => configs[at].cmps[name].val_tpl),
				payload,
			);
			return Object.fromEntries(names.map((name, index) => [name, values[index]]));
		};
		const state = encodeState(telegram);
		const values = render(1, state);
		expect(values).toMatchObject({
			active_energy_import: "25.653",
			active_power_import: "0.005",
			active_power: "0.005",
			apparent_power_import: "21",
			active_threshold: "69000",
			current_threshold_export: "-63",
			breaker_state: "connected",
			relay_1_state: "disconnected",
			power_failures: "99",
			voltage_l1: "233",
			time: "2020-07-06T08:41:57Z",
			verdict: "plain",
			message: "None",
		});
		expect(Object.values(values).filter(value => value === "None")).toHaveLength(1);
		expect(render(2, state)).toEqual({
			index: "0.006",
			index_time: "2020-07-06T08:31:40Z",
			valve_state: "disconnected",
		});
		expect(render(3, state)).toMatchObject({ index: "1.234", valve_state: "connected" });
		expect(render(4, state)).toMatchObject({ index: "77.5" });
		expect(render(5, state)).toMatchObject({ index: "28.103" });
		// What a message does not have is unknown.
		for (const at of [1, 2, 3, 4, 5]) {
			for (const value of Object.values(render(at, "{}"))) expect(value).toBe("None");
		}
		expect(Object.values(render(2, '{"devices":[{"channel":1}]}'))).toEqual(["None", "None", "None"]);
		// One meter with an index of heat and one of cold has one identifier; a channel may get another meter.
		const twins = [
			{ type: "heat", channel: 1, id: "FLO189900060355", value: 5 },
			{ type: "gas", channel: 2, id: "FLO189900060355", value: 7 },
		];
		expect(render(2, JSON.stringify({ devices: twins })).index).toBe("7");
		expect(render(3, JSON.stringify({ devices: twins })).index).toBe("None");
		// The reader's diagnostics.
		expect(render(0, '{"network":{"signal_strength":-61},"faults":3,"uptime":7}')).toMatchObject({
			signal_strength: "-61",
			faults: "3",
			uptime: "7",
			boots: "None",
		});
	});
});

test("what few people look at is disabled until somebody enables it", () => {
	const { configs } = discover(busy, {}, undefined, true);
	const enabled = configs.map(({ cmps }) => Object.keys(cmps).filter(name => cmps[name].en !== false));
	expect(enabled).toEqual([
		["signal_strength", "boots", "reset_reason"].sort(
			(one, other) => order(configs[0], one) - order(configs[0], other),
		),
		expect.arrayContaining([
			"active_energy_import",
			"active_energy_export",
			"active_power",
			"breaker_state",
			"meter_state",
		]),
		["index"],
		["index"],
		["index"],
		["index"],
	]);
	for (const name of ["time", "verdict", "voltage_sags_l1", "apparent_power_import", "reactive_energy_import"]) {
		expect(configs[1].cmps[name].en, name).toBe(false);
	}
	// A row for each telegram of each of them would be 156 000 a day with all 67.
	const rows = configs
		.flatMap(({ cmps }) => Object.values(cmps))
		.filter(({ en, exp_aft }) => en !== false && exp_aft === 30);
	expect(rows.length * 8_640).toBeLessThan(170_000);
	expect(configs[1].cmps.active_power).toMatchObject({ dev_cla: "power", stat_cla: "measurement", unit_of_meas: "kW" });
	expect(configs[1].cmps.cost_month).toMatchObject({ dev_cla: "monetary", stat_cla: "total" });
});

function order({ cmps }: Config, name: string): number {
	return Object.keys(cmps).indexOf(name);
}

test("the reader has its MAC address and its pages, and a meter its manufacturer", () => {
	const { configs, discovery } = discover(busy);
	expect(configs[0].dev.cns).toEqual([["mac", "a0:b1:c2:d3:e4:f5"]]);
	expect(configs.map(({ dev }) => dev.cu)).toEqual(configs.map(() => undefined));
	expect(configs.map(({ dev }) => dev.mf)).toEqual([
		"smarty-xs",
		"Sagemcom",
		"Flonidan",
		undefined,
		"Zenner",
		"Elster",
	]);
	announceAll(discovery, "smarty-xs-a0b1c2d3e4f5", "http://192.168.1.50/");
	const [reader] = takeAll(discovery).map(message => JSON.parse(message.payload) as Config);
	expect(reader.dev.cu).toBe("http://192.168.1.50/");
	const renumbered = changeLine(realFrame.telegram, "0-0:42.0.0", "0-0:42.0.0(31323334)");
	const dutch = discover(`/ISK${renumbered.slice(4)}`);
	expect(dutch.configs[1].dev.mf).toBe("Iskraemeco");
});

test("the first firmware of the meter sends fewer readings, and has fewer entities", () => {
	const { configs, messages } = discover(realFrame.telegram);
	expect(messages).toHaveLength(2);
	expect(Object.keys(configs[1].cmps)).not.toContain("voltage_l1");
	expect(Object.keys(configs[1].cmps)).toContain("current_l1");
});

test("one message per entity", () => {
	const device = discover(busy);
	const entities = discover(busy, { style: "entity" });
	const flat = device.configs.flatMap(({ cmps, dev, avty, avty_mode, o, stat_t }) =>
		Object.values(cmps).map(({ p, ...component }) => ({ stat_t, ...component, dev, avty, avty_mode, o })),
	);
	expect(entities.configs).toEqual(flat);
	expect(entities.messages[0].topic).toBe("homeassistant/sensor/smarty-xs-a0b1c2d3e4f5/signal_strength/config");
	expect(new Set(entities.messages.map(message => message.topic)).size).toBe(flat.length);
});

test("the meter's state is found in the reader's diagnostics by the meter's name", () => {
	const { configs } = discover(realFrame.telegram);
	const { stat_t, val_tpl } = configs[1].cmps.meter_state;
	expect(stat_t).toBe("smarty/smarty-xs-a0b1c2d3e4f5/diagnostics");
	const meters = [
		{ name: "SAG1", state: "silent" },
		{ name: meterName(readTelegram(realFrame.telegram)), state: "ok" },
	];
	expect(renderTemplates([val_tpl], JSON.stringify({ meters }))).toEqual(["ok"]);
	expect(renderTemplates([val_tpl], JSON.stringify({ meters: meters.slice(0, 1) }))).toEqual(["None"]);
	expect(renderTemplates([val_tpl], "{}")).toEqual(["None"]);
	// A name that cannot stand in a template has no such entity.
	const discovery = createDiscovery(options);
	noteReadings(addMeter(discovery, "a'b"), readTelegram(realFrame.telegram).readings);
	announceAll(discovery, "smarty-xs-a0b1c2d3e4f5");
	const [, meter] = takeAll(discovery).map(message => JSON.parse(message.payload) as Config);
	expect(Object.keys(meter.cmps)).not.toContain("meter_state");
});

test("a meter is told about again when something is new, and only then", () => {
	const { meter, discovery } = discover(realFrame.telegram);
	const note = (text: string) => {
		const isNew = noteReadings(meter, readTelegram(text).readings);
		expect(isAllTold(discovery)).toBe(!isNew);
		takeAll(discovery);
		expect(isAllTold(discovery)).toBe(true);
		return isNew;
	};
	const own = realFrame.telegram.slice(0, realFrame.telegram.indexOf("!"));
	expect(note(realFrame.telegram)).toBe(false);
	expect(note(`${own}1-0:52.7.0(230.0*V)\r\n!`)).toBe(true);
	// A value that is gone leaves its entity.
	expect(note(realFrame.telegram)).toBe(false);
	expect(note(`${own}0-3:24.1.0(007)\r\n0-3:96.1.0(5A)\r\n!`)).toBe(true);
	expect(note(`${own}0-3:24.1.0(007)\r\n0-3:96.1.0(5A)\r\n0-3:24.2.1(200706103140S)(00001.000*m3)\r\n!`)).toBe(false);
	// It moves to another channel.
	expect(note(`${own}0-1:24.1.0(007)\r\n0-1:96.1.0(5A)\r\n!`)).toBe(false);
	expect(note(`${own}0-1:24.1.0(007)\r\n0-1:96.1.0(5B)\r\n!`)).toBe(true);
});

test("a message that is under way is not changed by what is learnt meanwhile, and then its meter is told about again", () => {
	const { discovery, meter, messages } = discover(realFrame.telegram);
	announceAll(discovery, "smarty-xs-a0b1c2d3e4f5");
	discovery.takeAnnouncement();
	const underWay = discovery.takeAnnouncement()!;
	expect(noteReadings(meter, readTelegram(specificationTelegram).readings)).toBe(true);
	expect(joinPieces(underWay.payload)).toBe(messages[1].payload);
	const again = takeAll(discovery).map(({ topic }) => topic);
	expect(again[0]).toBe(messages[1].topic);
	expect(again).toHaveLength(3);
	expect(discovery.takeAnnouncement()).toBeNull();
});

test("nothing is told before the reader's name is known, and then all of it", () => {
	const discovery = createDiscovery(options);
	noteReadings(addMeter(discovery, "SAG1"), readTelegram(realFrame.telegram).readings);
	expect(discovery.takeAnnouncement()).toBeNull();
	announceAll(discovery, "smarty-xs-a0b1c2d3e4f5");
	expect(takeAll(discovery)).toHaveLength(2);
});

test("one of several meters that has something new does not make the others be told again; one that is gone is not told", () => {
	for (const style of ["device", "entity"] as const) {
		const discovery = createDiscovery({ ...options, style });
		const { readings } = readTelegram(realFrame.telegram);
		const meters = ["SAG1", "SAG2", "SAG3"].map(name => addMeter(discovery, name));
		for (const meter of meters) noteReadings(meter, readings);
		announceAll(discovery, "smarty-xs-a0b1c2d3e4f5");
		const named = (name: string, topics: readonly { topic: string }[]) =>
			topics.filter(({ topic }) => topic.includes(name)).length;
		const all = takeAll(discovery);
		const each = named("SAG1", all);
		expect(["SAG2", "SAG3"].map(name => named(name, all))).toEqual([each, each]);
		expect(each).toBeGreaterThanOrEqual(style === "device" ? 1 : 20);
		noteReadings(meters[1], readTelegram(specificationTelegram).readings);
		const again = takeAll(discovery);
		expect(named("SAG2", again)).toBe(again.length);
		expect(again.length).toBeGreaterThan(0);
		// In the middle of its own pass.
		announceAll(discovery, "smarty-xs-a0b1c2d3e4f5");
		while (discovery.pass?.meter !== meters[0]) discovery.takeAnnouncement();
		removeMeter(discovery, meters[0]);
		const rest = takeAll(discovery);
		expect(named("SAG1", rest)).toBe(0);
		expect(named("SAG3", rest)).toBe(each);
	}
});

test("two readers at one meter, and one reader at two meters, share no identifier", () => {
	const first = discover(busy).configs.flatMap(config => Object.values(config.cmps).map(entry => entry.uniq_id));
	const second = discover(busy, {}, "smarty-xs-000000000001");
	const third = discover(changeLine(busy, "0-0:42.0.0", "0-0:42.0.0(53414731303330373930303032353735)"));
	for (const config of second.configs)
		for (const entry of Object.values(config.cmps)) expect(first).not.toContain(entry.uniq_id);
	for (const config of third.configs.slice(1))
		for (const entry of Object.values(config.cmps)) expect(first).not.toContain(entry.uniq_id);
});
