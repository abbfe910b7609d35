/** The pages of the reader: a table of what can be asked for, and what is answered. */

import { makeStateParts } from "../messages/json.js";
import { freshReadings, type Latest, type Surroundings } from "../meter/latest.js";
import { makeMeterData } from "./homewizard.js";
import { answerIdentify, describeDevice, describeSystem, longestSystem, takeSystem } from "./homewizard-device.js";
import { nameMeters } from "./meters.js";
import { makeMetrics } from "./metrics.js";
import type { Request } from "./request.js";
import { type BodySink, explain, json, type Response, text } from "./response.js";
import { type Access, type Actions, type Context, dispatch, type Route } from "./route.js";

const openMetrics = "application/openmetrics-text; version=1.0.0; charset=utf-8";
const prometheus = "text/plain; version=0.0.4; charset=utf-8";

/** Nothing here changes what the reader does, but for the light that flashes. */
export const routes: readonly Route[] = Object.freeze(
	[
		{
			method: "GET",
			path: "/state",
			guard: "read",
			needs: "readings",
			answer(_context, latest, readings) {
				const { verdict, frameCounter } = latest;
				return {
					status: 200,
					type: json,
					body: makeStateParts({ verdict, frameCounter, readings }),
					held: holdOf(latest),
				};
			},
		},
		{
			method: "GET",
			path: "/metrics",
			guard: "read",
			needs: "nothing",
			answer: describeMetrics,
		},
		{
			method: "GET",
			path: "/healthz",
			guard: "open",
			needs: "nothing",
			answer: describeHealth,
		},
		{
			method: "GET",
			path: "/api",
			guard: "read",
			needs: "nothing",
			answer: ({ surroundings }) => ({ status: 200, type: json, body: describeDevice(surroundings) }),
		},
		{
			method: "GET",
			path: "/api/v1/data",
			guard: "read",
			needs: "readings",
			answer({ surroundings }, latest, readings) {
				const { account, verdict, isUnproven } = latest;
				const body = makeMeterData(readings, account, surroundings, isUnproven ? verdict : null);
				return { status: 200, type: json, body, held: holdOf(latest) };
			},
		},
		{
			method: "GET",
			path: "/api/v1/telegram",
			guard: "read",
			needs: "readings",
			answer: (_context, latest) => ({ status: 200, type: text, body: latest.telegram, held: holdOf(latest) }),
		},
		{ method: "GET", path: "/api/v1/system", guard: "read", needs: "nothing", answer: () => describeSystem() },
		{
			method: "PUT",
			path: "/api/v1/system",
			guard: "read",
			needs: "body",
			most: longestSystem,
			onStart: () => takeSystem(),
		},
		{
			method: "PUT",
			path: "/api/v1/identify",
			guard: "read",
			needs: "nothing",
			answer: ({ actions }) => answerIdentify(actions.identify),
		},
	],
	true,
);

/**
 * Answers one request. A web site in somebody's browser learns nothing: it has no token, and where none is needed, it has a name
 * that is not ours.
 */
export function respond(
	request: Request,
	meters: readonly Latest[],
	surroundings: Surroundings,
	access: Access,
	actions: Actions = noActions,
): Response | BodySink {
	return dispatch(routes, request, { meters, surroundings, access, actions });
}

const noActions: Actions = Object.freeze({ identify() {} });

/** Readings are made of a telegram, and no longer than that. */
function holdOf({ telegram }: Latest): number {
	return telegram.length;
}

/** OpenMetrics, or Prometheus' older text for a client that asks for plain text. */
function describeMetrics({ meters, surroundings }: Context, { accept }: Request): Response {
	const isOld = accept.includes("text/plain") && !accept.includes("openmetrics");
	const body = makeMetrics(meters, surroundings, !isOld);
	return { status: 200, type: isOld ? prometheus : openMetrics, body, held: meters.length * metricsHeld };
}

/** Bytes that the page's own copy of what is known of a meter has on the heap. */
const metricsHeld = 1_024;

/** Well while telegrams of every meter come. */
function describeHealth({ meters, surroundings: { now } }: Context): Response {
	const names = nameMeters(meters);
	let status = 200;
	let body = "";
	for (let at = 0; at < meters.length; at += 1) {
		const { readings, time } = meters[at];
		if (freshReadings(meters[at], now) === null) status = 503;
		const age = readings === null ? "no telegram yet" : `last telegram ${Math.floor((now - time) / 1000)} s ago`;
		body += meters.length === 1 ? `${age}\n` : `${names[at]}: ${age}\n`;
	}
	return explain(status, body);
}
