/** What HomeWizard's local API, version 1, says of the device itself, and what it lets clients do with it. */

import type { Surroundings } from "../meter/latest.js";
import { type BodySink, json, type Response } from "./response.js";

/** `GET /api`. */
export function describeDevice({ macAddress, version }: Surroundings): string {
	return JSON.stringify({
		product_type: "HWE-P1",
		product_name: "P1 meter (smarty-xs)",
		serial: macAddress,
		firmware_version: version.split(" ")[1] ?? version,
		api_version: "v1",
	});
}

/** The longest body of `PUT /api/v1/system`. */
export const longestSystem = 256;

/** `GET /api/v1/system`: there is no cloud that this reader would speak with. */
export function describeSystem(): Response {
	return { status: 200, type: json, body: '{"cloud_enabled":false}' };
}

/** `PUT /api/v1/system`: answered with what is so afterwards, as the device does. The cloud stays off, whatever is asked for. */
export function takeSystem(): BodySink {
	let text = "";
	return {
		onBytes(bytes, start, end) {
			for (let at = start; at < end; at += 1) text += String.fromCharCode(bytes[at]);
			return null;
		},
		onEnd: () => answerSystem(text),
		onAbort() {},
	};
}

/** The device's own numbers of errors: 2 is a body that cannot be read, 7 a value that cannot be. */
function answerSystem(text: string): Response {
	let body: unknown;
	try {
		body = JSON.parse(text);
	} catch {
		return refuse(2, "Body contains invalid json");
	}
	const value = typeof body === "object" && body !== null ? (body as Record<string, unknown>).cloud_enabled : undefined;
	return typeof value === "boolean" ? describeSystem() : refuse(7, "cloud_enabled must be true or false");
}

function refuse(id: number, description: string): Response {
	return { status: 400, type: json, body: JSON.stringify({ error: { id, description } }) };
}

/** `PUT /api/v1/identify`: the light flashes. */
export function answerIdentify(identify: () => void): Response {
	identify();
	return { status: 200, type: json, body: '{"identify":"ok"}' };
}
