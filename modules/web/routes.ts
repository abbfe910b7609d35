import { freshReadings, type Latest, type Surroundings } from "../meter/latest.js";
import { readText } from "../p1/hex-text.js";
import { describeDevice, describeMeter } from "./homewizard.js";
import { isOwnHost } from "./host.js";
import { formatMetrics } from "./metrics.js";
import type { Request } from "./request.js";
import { plain, type Response } from "./server.js";

const json = "application/json";
const text = "text/plain; charset=utf-8";
const openMetrics = "application/openmetrics-text; version=1.0.0; charset=utf-8";
const prometheus = "text/plain; version=0.0.4; charset=utf-8";

/** Who gets an answer. */
export interface Access {
	/** With a token everything but `/healthz` wants `Authorization: Bearer <token>`. */
	token: string | null;
	/** Names of this reader that others could have too, in lower case; see `isOwnHost`. */
	hosts: readonly string[];
}

/**
 * Answers one request. Nothing here changes anything, and a web site in somebody's browser learns nothing: it has no token,
 * and where none is needed, it has a name that is not ours.
 */
export function respond(
	request: Request,
	snapshot: Latest,
	surroundings: Surroundings,
	{ token, hosts }: Access,
): Response {
	const { method, path } = request;
	if (method !== "GET" && method !== "HEAD") return plain(405, "Allow: GET, HEAD\r\n");
	if (token === null && !isOwnHost(request.host, hosts)) return misdirected();
	if (path === "/healthz") return describeHealth(snapshot, surroundings.now);
	if (token !== null && !isAllowed(request.authorization, token)) {
		return plain(401, 'WWW-Authenticate: Bearer realm="smarty-xs"\r\n');
	}
	if (path === "/metrics") return describeMetrics(request, snapshot, surroundings);
	if (path === "/api") return { status: 200, type: json, body: describeDevice(surroundings) };
	if (path !== "/state" && path !== "/api/v1/data" && path !== "/api/v1/telegram") return notFound();
	const readings = freshReadings(snapshot, surroundings.now);
	// Old readings would be taken for new ones.
	if (readings === null) return plain(503, "Retry-After: 10\r\n");
	if (path === "/state") return { status: 200, type: json, body: snapshot.state };
	if (path === "/api/v1/telegram")
		return { status: 200, type: text, body: readText(snapshot.telegram, 0, snapshot.telegram.length) };
	return { status: 200, type: json, body: describeMeter(readings, snapshot.account, surroundings) };
}

function notFound(): Response {
	const body = "Here are /state, /metrics, /healthz, /api, /api/v1/data and /api/v1/telegram.\n";
	return { status: 404, type: text, body };
}

function misdirected(): Response {
	const body = "Not a name of this reader: ask by its address or its name in .local, or set webHost to this name.\n";
	return { status: 421, type: text, body };
}

function describeHealth(snapshot: Latest, now: number): Response {
	if (snapshot.readings === null) return { status: 503, type: text, body: "no telegram yet\n" };
	const age = Math.floor((now - snapshot.time) / 1000);
	const status = freshReadings(snapshot, now) === null ? 503 : 200;
	return { status, type: text, body: `last telegram ${age} s ago\n` };
}

/** OpenMetrics, or Prometheus' older text for a client that asks for plain text. */
function describeMetrics({ accept }: Request, snapshot: Latest, surroundings: Surroundings): Response {
	const isOld = accept.includes("text/plain") && !accept.includes("openmetrics");
	const body = formatMetrics(snapshot, surroundings, !isOld);
	return { status: 200, type: isOld ? prometheus : openMetrics, body };
}

/** Looks at all characters whichever is wrong, so that the time tells nothing. */
function isAllowed(authorization: string | null, token: string): boolean {
	const value = authorization ?? "";
	const given = /^bearer /i.test(value) ? value.slice(7).trim() : "";
	let difference = given.length ^ token.length;
	for (let at = 0; at < token.length; at += 1) difference |= given.charCodeAt(at) ^ token.charCodeAt(at);
	return difference === 0;
}
