/** The pages of the reader: a table of what can be asked for, and what is answered. */

import { makeStateParts } from "../messages/json.js";
import { freshReadings, type Latest, type Surroundings } from "../meter/latest.js";
import { makeMeterData } from "./homewizard.js";
import { answerIdentify, describeDevice, describeSystem, longestSystem, takeSystem } from "./homewizard-device.js";
import { findMeter, nameMeters, readParameter } from "./meters.js";
import { makeMetrics } from "./metrics.js";
import type { Request } from "./request.js";
import { type BodySink, explain, json, octets, type Part, plain, type Response, text } from "./response.js";
import { type Access, type Actions, type Context, dispatch, type House, type Route, type Sources } from "./route.js";

const openMetrics = "application/openmetrics-text; version=1.0.0; charset=utf-8";
const prometheus = "text/plain; version=0.0.4; charset=utf-8";

/** More than any slot holds. */
const longestUpdate = 0x400000;

/** Longer settings are not taken: all of them in full are about half of it. */
const longestSettings = 4_096;

/**
 * With each page: nothing of it may be shown within another site, or be taken for something else. What the page itself may load and do
 * is in its own policy, which was made with it (`tools/page.ts`).
 */
const pageHeader =
	"Content-Encoding: gzip\r\nContent-Security-Policy: frame-ancestors 'none'\r\nX-Frame-Options: DENY\r\n" +
	"X-Content-Type-Options: nosniff\r\nReferrer-Policy: no-referrer\r\nCross-Origin-Resource-Policy: same-origin\r\n";

/** Settings and a signed update change what the reader does, with the token, and the light that flashes. */
export const routes: readonly Route[] = Object.freeze(
	[
		{ method: "GET", path: "/", guard: "open", needs: "sources", answer: showPage },
		{
			method: "GET",
			path: "/status",
			guard: "read",
			needs: "sources",
			answer: (sources, { house, meters }) => stream(json, sources.describeStatus(house, meters)),
		},
		{
			method: "GET",
			path: "/log",
			guard: "read",
			needs: "sources",
			answer: (sources, { house }) => stream(text, sources.describeLog(house)),
		},
		{
			method: "GET",
			path: "/recent",
			guard: "read",
			needs: "nothing",
			answer({ meters, sources, house }, { query }) {
				const meter = findMeter(meters, query)?.meter ?? null;
				return sources === null || meter === null ? plain(404) : stream(octets, sources.listRecent(house, meter));
			},
		},
		{
			method: "GET",
			path: "/quarters",
			guard: "read",
			needs: "sources",
			answer: (sources, { house }, { query }) =>
				stream(octets, sources.listQuarters(house, Number(readParameter(query, "after") ?? "0"))),
		},
		{
			method: "GET",
			path: "/settings",
			guard: "read",
			needs: "sources",
			answer: (sources, { house }) => stream(json, sources.describeSettings(house)),
		},
		{
			method: "POST",
			path: "/settings",
			guard: "write",
			needs: "body",
			most: longestSettings,
			type: json,
			onStart: ({ sources, house }, _request, length) =>
				sources === null ? plain(404) : sources.takeSettings(house, length),
		},
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
			answer(_context, latest) {
				if (latest.telegram.length === 0) return explain(503, "Of a telegram of more than 4 KB no copy is kept.\n");
				return { status: 200, type: text, body: latest.telegram, held: holdOf(latest) };
			},
		},
		{ method: "GET", path: "/api/v1/system", guard: "read", needs: "nothing", answer: () => describeSystem() },
		{
			method: "PUT",
			path: "/api/v1/system",
			guard: "read",
			needs: "body",
			most: longestSystem,
			type: null,
			onStart: () => takeSystem(),
		},
		{
			method: "PUT",
			path: "/api/v1/identify",
			guard: "read",
			needs: "nothing",
			answer: ({ actions }) => answerIdentify(() => actions.identify()),
		},
		{
			method: "POST",
			path: "/update",
			guard: "write",
			needs: "body",
			most: longestUpdate,
			type: null,
			onStart: ({ actions }, _request, length) => actions.update(length),
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
	sources: Sources | null = null,
	house: House = noActions,
): Response | BodySink {
	return dispatch(routes, request, { meters, surroundings, access, actions, sources, house });
}

const noActions: Actions = Object.freeze({ identify() {}, update: () => plain(404) });

function showPage(sources: Sources, { house }: Context): Response {
	const body = sources.readPage(house);
	return body === null ? plain(404) : { status: 200, type: "text/html; charset=utf-8", body, extra: pageHeader };
}

/** What is made part by part holds a part of it. */
function stream(type: string, body: Iterator<Part, void>): Response {
	return { status: 200, type, body, held: streamHeld };
}

/** Bytes of the heap that one body of the page in parts takes. */
const streamHeld = 512;

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
