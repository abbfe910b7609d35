/** Each rule of the circuit finds the mistake it is for. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { createBoards, readTargetPins } from "../../tools/hardware/boards.js";
import { parseNetlist } from "../../tools/hardware/netlist.js";
import { checkRules, ruleNames } from "../../tools/hardware/rules.js";
import {
	type Alteration,
	joinNets,
	movePin,
	openPin,
	placePart,
	setFitted,
	setRating,
	setValue,
	swapPins,
} from "./alterations.js";

const root = new URL("../../", import.meta.url);
const netlist = parseNetlist(readFileSync(new URL("hardware/p1-adapter.net", root), "utf8"));
const target = readTargetPins(new URL("targets/lolin_d32/manifest.json", root));
const boards = createBoards(target);

function listBrokenRules(alter: Alteration): string[] {
	return [...new Set(checkRules(alter(netlist), boards).map(complaint => complaint.rule))].sort();
}

/** What was done, and the rules that must say so: exactly these. */
const mistakes: readonly (readonly [string, Alteration, readonly string[]])[] = [
	["pull-up of 10 kΩ", setValue("R1", "10k"), ["one pull-up to 3.3 V"]],
	["pull-up of 470 Ω", setValue("R1", "470R"), ["data current up to 5 mA", "one pull-up to 3.3 V"]],
	["pull-up to the 5 V of the jack", movePin("R1", "1", "J1", "1"), ["no pull-up to 5 V", "one pull-up to 3.3 V"]],
	["pull-up to the 5 V of the board", movePin("R1", "1", "U1", "USB"), ["no pull-up to 5 V", "one pull-up to 3.3 V"]],
	["pull-up left out", setFitted("R1", false), ["one pull-up to 3.3 V", "variants not fitted"]],
	[
		"jack crossed: 1 and 6",
		swapPins("J1", "1", "J1", "6"),
		[
			"diode before the board",
			"no 5 V on a GPIO",
			"pins 3 and 6 joined",
			"request from the high side",
			"request off at the start",
			"supplies apart",
		],
	],
	[
		"jack crossed: 2 and 5",
		swapPins("J1", "2", "J1", "5"),
		[
			"data to the receive pin",
			"one pull-up to 3.3 V",
			"request from the high side",
			"request never pulled low",
			"request not from a GPIO",
		],
	],
	["pin 3 forgotten", openPin("J1", "3"), ["pins 3 and 6 joined"]],
	["pin 4 wired", movePin("J1", "4", "J1", "6"), ["pin 4 open"]],
	[
		"GPIO16 and GPIO17 swapped",
		swapPins("U1", "16", "U1", "17"),
		["data to the receive pin", "request off at the start"],
	],
	[
		"data to the GPIO without a resistor",
		joinNets("J1", "5", "U1", "16"),
		["data to the receive pin", "nothing else on the data line"],
	],
	["data also straight on GPIO4", movePin("U1", "4", "J1", "5"), ["nothing else on the data line"]],
	["diode missing", setFitted("D1", false), ["diode before the board", "variants not fitted"]],
	["diode the wrong way round", swapPins("D1", "A", "D1", "K"), ["diode before the board"]],
	["diode bridged by a wire", joinNets("J1", "1", "U1", "USB"), ["diode before the board", "supplies apart"]],
	[
		"diode bridged by a resistor",
		placePart("R12", "J1", "1", "U1", "USB"),
		["diode before the board", "variants not fitted"],
	],
	["bulk capacitor of 470 µF", setValue("C1", "470µF"), ["bulk capacitor"]],
	["bulk capacitor for 6.3 V", setRating("C1", "6.3 V"), ["bulk capacitor"]],
	["bulk capacitor before the diode", movePin("C1", "1", "J1", "1"), ["bulk capacitor"]],
	["bulk capacitor the wrong way round", swapPins("C1", "1", "C1", "2"), ["bulk capacitor"]],
	["22 µF at 3.3 V", setValue("C3", "22µF"), ["capacitor at 3.3 V"]],
	["battery on the 5 V", movePin("U1", "BAT", "U1", "USB"), ["battery open", "no 5 V on a GPIO"]],
	[
		"request on a GPIO",
		movePin("R3", "2", "U1", "17"),
		["request from the high side", "request never pulled low", "request not from a GPIO", "request off at the start"],
	],
	[
		"request on a GPIO behind its resistor",
		movePin("U1", "4", "R3", "2"),
		["request from the high side", "request never pulled low", "request not from a GPIO"],
	],
	[
		"request with a pull-down",
		placePart("R9", "J1", "2", "J1", "6"),
		["request from the high side", "request never pulled low", "request not from a GPIO", "variants not fitted"],
	],
	["request from nowhere", openPin("R3", "2"), ["request from the high side", "request off at the start"]],
	[
		"request switched by an NPN to ground",
		movePin("Q2", "C", "JP1", "3"),
		["request never pulled low", "request off at the start"],
	],
	["request switch without its start resistor", openPin("R7", "1"), ["request off at the start"]],
	["request without a resistor", joinNets("J1", "2", "JP1", "2"), ["request from the high side"]],
	["request resistor of 1 kΩ", setValue("R3", "1k"), ["request from the high side"]],
	["five volts on a GPIO", movePin("U1", "4", "U1", "USB"), ["no 5 V on a GPIO"]],
	["boot pin used", movePin("U1", "12", "U1", "17"), ["strapping pins free"]],
	[
		"protection diode from data to 5 V",
		placePart("D3", "J1", "5", "J1", "1"),
		["no pull-up to 5 V", "variants not fitted"],
	],
	["inverter pull-up fitted by mistake", setFitted("R8", true), ["no pull-up to 5 V", "variants not fitted"]],
	["LED reader: capacitor bridged", joinNets("C101", "1", "C101", "2"), ["LED reader"]],
	["LED reader on another GPIO", swapPins("U1", "34", "U1", "4"), ["LED reader"]],
	[
		"three meters: two data lines joined",
		joinNets("J211", "5", "J221", "5"),
		["data lines grouped", "one pull-up to 3.3 V"],
	],
	["three meters: request from the neighbour", movePin("JP221", "1", "J211", "1"), ["request from the high side"]],
	["three meters: one diode missing", setFitted("D221", false), ["diode before the board", "variants not fitted"]],
	[
		"six meters: request lines joined",
		joinNets("J311", "2", "J321", "2"),
		["request from the high side", "request never pulled low", "request off at the start", "requests apart"],
	],
	[
		"six meters: two pull-ups on one data line",
		movePin("R303", "2", "J311", "5"),
		["data current up to 5 mA", "one pull-up to 3.3 V"],
	],
	["six meters: one GPIO asks two", movePin("R325", "2", "U301", "17"), ["request off at the start"]],
	["six meters: jack on the other data line", movePin("J331", "5", "J341", "5"), ["data lines grouped"]],
	["two boards joined", joinNets("U1", "3V", "U301", "3V"), ["boards apart"]],
];

describe("deliberate mistakes", () => {
	it("finds nothing wrong with the drawing itself", () => {
		expect(checkRules(netlist, boards)).toEqual([]);
	});

	it.each(mistakes)("%s", (_name, alter, rules) => {
		expect(listBrokenRules(alter)).toEqual([...rules].sort());
	});

	it("breaks every rule at least once", () => {
		expect([...new Set(mistakes.flatMap(([, , rules]) => rules))].sort()).toEqual([...ruleNames].sort());
	});
});

describe("the pins of the firmware's board target", () => {
	it("must be the ones that are drawn", () => {
		const receive = checkRules(netlist, createBoards({ ...target, receivePin: "17" })).map(item => item.rule);
		expect(receive).toContain("data to the receive pin");
		const request = checkRules(netlist, createBoards({ ...target, requestPin: "18" })).map(item => item.rule);
		expect(request).toContain("request off at the start");
	});
});
