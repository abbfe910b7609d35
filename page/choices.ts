/** What the form of settings knows of them beside the reader's table: which stand together, and which have few values. */

import type { Word } from "./texts.js";

/** Which settings stand together, in the order in which people ask for them. Those that no group names come last. */
export const groups: readonly (readonly [title: Word, names: readonly string[]])[] = [
	["groupMeter", ["key", "keys", "authenticationKey", "authentication", "unproven"]],
	["groupPower", ["powerClass", "powerPrice"]],
	["groupBroker", ["broker", "user", "password", "brokerKey", "authorities"]],
	["groupWifi", ["wifi", "wifiPassword"]],
	["groupServers", ["webPort", "webToken", "webRead", "webHost", "telegramPort", "updateUrl"]],
	[
		"groupMessages",
		[
			"base",
			"layout",
			"publish",
			"deadBand",
			"stateQuality",
			"stateRetain",
			"valuesQuality",
			"valuesRetain",
			"smartyreaderBase",
			"smartmeterBase",
			"sgrimeeBase",
			"dsmrReaderBase",
			"discovery",
			"discoveryPrefix",
			"labels",
		],
	],
	[
		"lora",
		[
			"lora",
			"loraAppKey",
			"loraDevEui",
			"loraJoinEui",
			"loraKey",
			"loraPayload",
			"loraInterval",
			"loraFairUse",
			"loraPower",
		],
	],
	["groupBoard", ["receivePin", "requestPin", "meters", "invert", "pulses", "timeServer"]],
];

/** The values of settings that have few. */
export const choices: Readonly<Record<string, readonly string[]>> = {
	authentication: ["automatic", "required", "prefer", "off"],
	unproven: ["say", "omit"],
	invert: ["yes", "no"],
	stateQuality: ["0", "1"],
	stateRetain: ["yes", "no"],
	valuesQuality: ["0", "1"],
	valuesRetain: ["yes", "no"],
	discovery: ["device", "entity", "off"],
	powerClass: ["off", "3", "7", "12"],
	webRead: ["open", "token"],
	lora: ["off", "lorawan", "sealed", "smartyreader"],
	loraPayload: ["full", "basic", "smartyreader"],
	loraFairUse: ["yes", "no"],
};
