import { textOf } from "../publish/clear.js";
import { describeDevice, describeMeter } from "./homewizard.js";
import { formatMetrics } from "./metrics.js";
import type { Request } from "./request.js";
import { plain, type Response } from "./server.js";
import { freshReadings, type Snapshot, type Surroundings } from "./snapshot.js";

const json = "application/json";
const text = "text/plain; charset=utf-8";
const openMetrics = "application/openmetrics-text; version=1.0.0; charset=utf-8";
const prometheus = "text/plain; version=0.0.4; charset=utf-8";

/**
 * Answers one request. With a token everything but `/healthz` wants `Authorization: Bearer <token>`. Nothing here changes
 * anything, so that a page in somebody's browser can do no harm.
 */
export function respond(
	request: Request,
	snapshot: Snapshot,
	surroundings: Surroundings,
	token: string | null,
): Response {
	const { method, path } = request;
	if (method !== "GET" && method !== "HEAD") return plain(405, "Allow: GET, HEAD\r\n");
	if (path === "/healthz") return describeHealth(snapshot, surroundings.now);
	if (token !== null && !isAllowed(request.authorization, token)) {
		return plain(401, 'WWW-Authenticate: Bearer realm="smarty-xs"\r\n');
	}
	if (path === "/metrics") return describeMetrics(request, snapshot, surroundings);
	if (path === "/api") return { status: 200, type: json, body: describeDevice(surroundings) };
	if (path !== "/state" && path !== "/api/v1/data" && path !== "/api/v1/telegram") return plain(404);
	const readings = freshReadings(snapshot, surroundings.now);
	// Old readings would be taken for new ones.
	if (readings === null) return plain(503, "Retry-After: 10\r\n");
	if (path === "/state") return { status: 200, type: json, body: snapshot.state };
	if (path === "/api/v1/telegram")
		return { status: 200, type: text, body: textOf(snapshot.telegram, 0, snapshot.telegram.length) };
	return { status: 200, type: json, body: describeMeter(readings, snapshot.account, surroundings) };
}

function describeHealth(snapshot: Snapshot, now: number): Response {
	if (snapshot.readings === null) return { status: 503, type: text, body: "no telegram yet\n" };
	const age = Math.floor((now - snapshot.time) / 1000);
	const status = freshReadings(snapshot, now) === null ? 503 : 200;
	return { status, type: text, body: `last telegram ${age} s ago\n` };
}

/** OpenMetrics, or Prometheus' older text for a client that asks for plain text. */
function describeMetrics({ accept }: Request, snapshot: Snapshot, surroundings: Surroundings): Response {
	const isOld = accept.includes("text/plain") && !accept.includes("openmetrics");
	const body = formatMetrics(snapshot, surroundings, !isOld);
	return { status: 200, type: isOld ? prometheus : openMetrics, body };
}

/** Looks at all characters whichever is wrong, so that the time tells nothing. */
function isAllowed(authorization: string | null, token: string): boolean {
	const given = /^bearer +(.*)$/i.exec(authorization ?? "")?.[1] ?? "";
	let difference = given.length ^ token.length;
	for (let at = 0; at < token.length; at += 1) difference |= given.charCodeAt(at) ^ token.charCodeAt(at);
	return difference === 0;
}
