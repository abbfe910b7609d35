/*
 * Decoder of smarty-xs for The Things Stack ("Custom JavaScript formatter", uplink) and ChirpStack v4 (device profile, codec).
 * ECMAScript 5.1. The formats are in docs/lorawan.md of the project. Energies are in kWh, powers in kW, voltages in V, currents
 * in A; what the meter does not have is left out.
 */

/* Numbers of the types of M-Bus devices, and their units. */
var deviceTypes = [
	["other", ""],
	["electricity", "kWh"],
	["gas", "m³"],
	["heat", "GJ"],
	["warm_water", "m³"],
	["water", "m³"],
	["heat_cost_allocator", ""],
	["cooling", "GJ"],
	["cooling_inlet", "GJ"],
	["heat_inlet", "GJ"],
	["heat_cooling", "GJ"],
	["hot_water", "m³"],
	["cold_water", "m³"],
	["heat", "kWh"],
	["cooling", "kWh"],
];
var verdicts = ["authenticated", "crc-only", "plain"];

/* The next bits of a payload as a number, the highest first. Up to 30, so no operator of 32 bits on the sum. */
function takeBits(payload, count) {
	var value = 0;
	for (var taken = 0; taken < count; taken += 1) {
		var bit = (payload.bytes[payload.at >> 3] >> (7 - (payload.at & 7))) & 1;
		value = value * 2 + bit;
		payload.at += 1;
	}
	return value;
}

/* Puts a number under a name, unless it is all ones, which stands for none. */
function takeNumber(data, name, payload, count, factor) {
	var value = takeBits(payload, count);
	if (value !== Math.pow(2, count) - 1) data[name] = value / factor;
}

/* Seconds, or null for none. */
function takeTime(payload, bits, unit) {
	var value = takeBits(payload, bits);
	if (value === Math.pow(2, bits) - 1) return null;
	return formatTime(1577836800 + value * unit);
}

function formatTime(seconds) {
	return new Date(seconds * 1000).toISOString().slice(0, 19) + "Z";
}

function decodeBasic(data, payload) {
	takeNumber(data, "active_energy_import", payload, 30, 1000);
	takeNumber(data, "active_energy_export", payload, 30, 1000);
	takeNumber(data, "active_power_import", payload, 14, 100);
	takeNumber(data, "active_power_export", payload, 14, 100);
}

function decodeFull(data, payload) {
	var time = takeTime(payload, 30, 1);
	if (time !== null) data.time = time;
	var verdict = verdicts[takeBits(payload, 2)];
	if (verdict !== undefined) data.verdict = verdict;
	takeNumber(data, "breaker_state", payload, 2, 1);
	takeNumber(data, "relay_1_state", payload, 2, 1);
	takeNumber(data, "relay_2_state", payload, 2, 1);
	decodeBasic(data, payload);
	for (var phase = 1; phase <= 3; phase += 1) {
		takeNumber(data, "voltage_l" + phase, payload, 9, 1);
		takeNumber(data, "current_l" + phase, payload, 8, 1);
		var power = takeBits(payload, 16);
		if (power !== 32768) data["active_power_l" + phase] = (power > 32768 ? power - 65536 : power) / 100;
	}
	var devices = [];
	while (payload.bytes.length * 8 - payload.at >= 34) {
		var type = deviceTypes[takeBits(payload, 4)] || deviceTypes[0];
		var device = { type: type[0] };
		takeNumber(device, "value", payload, 30, 1000);
		if (type[1] !== "") device.unit = type[1];
		devices.push(device);
	}
	if (devices.length > 0) data.devices = devices;
}

/* The first quarter hour as it is, each further one as what came since the one before it. */
function decodeQuarters(data, payload) {
	var quarter = takeBits(payload, 20);
	var first = {};
	takeNumber(first, "i", payload, 30, 1);
	takeNumber(first, "e", payload, 30, 1);
	data.quarters = [describeQuarter(quarter, first)];
	while (payload.at < payload.bytes.length * 8) {
		quarter += 1;
		first = { i: first.i + takeBits(payload, 16), e: first.e + takeBits(payload, 16) };
		data.quarters.push(describeQuarter(quarter, first));
	}
}

function describeQuarter(quarter, energies) {
	var described = { time: formatTime(1577836800 + quarter * 900) };
	if (energies.i !== undefined) described.active_energy_import = energies.i / 1000;
	if (energies.e !== undefined) described.active_energy_export = energies.e / 1000;
	return described;
}

function decodeText(data, payload) {
	var text = "";
	for (var at = 0; at < payload.bytes.length; at += 1) text += String.fromCharCode(payload.bytes[at]);
	if (!/^[0-9]+\.[0-9][0-9];[0-9]+\.[0-9][0-9]$/.test(text)) return false;
	var parts = text.split(";");
	data.active_energy_import = Number(parts[0]);
	data.active_energy_export = Number(parts[1]);
	return true;
}

function isLength(port, length) {
	if (port === 1) return length === 11;
	if (port === 2) return length === 29 || length === 33 || length === 37 || length === 41 || length === 46;
	if (port === 3) return length >= 10 && (length - 10) % 4 === 0;
	return length > 0;
}

function decodeUplink(input) {
	var port = input.fPort;
	var payload = { bytes: input.bytes, at: 0 };
	var decoded = {};
	if (port !== 1 && port !== 2 && port !== 3 && port !== 10) {
		return { data: decoded, errors: ["smarty-xs sends nothing on port " + port] };
	}
	if (!isLength(port, payload.bytes.length)) {
		return { data: decoded, errors: ["port " + port + " with " + payload.bytes.length + " bytes"] };
	}
	if (port === 1) decodeBasic(decoded, payload);
	else if (port === 2) decodeFull(decoded, payload);
	else if (port === 3) decodeQuarters(decoded, payload);
	else if (!decodeText(decoded, payload)) return { data: {}, errors: ["port 10 without import;export"] };
	return { data: decoded };
}

/* The Things Stack: an interval in minutes as a downlink. */
function encodeDownlink(input) {
	var minutes = Number(input.data && input.data.interval);
	if (!(minutes >= 1 && minutes <= 255)) return { errors: ["interval is a number of minutes from 1 to 255"] };
	return { bytes: [Math.round(minutes)], fPort: 1 };
}

function decodeDownlink(input) {
	if (input.fPort !== 1 || input.bytes.length !== 1) return { data: {}, errors: ["no interval"] };
	return { data: { interval: input.bytes[0] } };
}
