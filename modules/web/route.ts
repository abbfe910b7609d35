/** What a row of the route table is, and how a request finds its row. */

import { freshReadings, type Latest, type Surroundings } from "../meter/latest.js";
import type { Readings } from "../p1/readings.js";
import { isOwnHost } from "./host.js";
import { findMeter, nameMeters } from "./meters.js";
import type { Request } from "./request.js";
import { type BodySink, explain, type Part, plain, type Response } from "./response.js";

/** Who gets an answer. */
export interface Access {
	/** The owner's word, given as `Authorization: Bearer <token>`; null where there is none. */
	token: string | null;
	/** The token is asked for where something is read, too. */
	isReadGuarded: boolean;
	/** Names of this reader that others could have too, in lower case; see `isOwnHost`. */
	hosts: readonly string[];
}

/** What pages are made of, as it is when the request comes. */
export interface Context {
	/** None where there is no meter. */
	readonly meters: readonly Latest[];
	readonly surroundings: Surroundings;
	readonly access: Access;
	readonly actions: Actions;
	/** Null where there is no web page. */
	readonly sources: Sources | null;
	readonly house: House;
}

/** What pages can set in motion. */
export interface Actions {
	/** The light flashes for some seconds. */
	identify(): void;
	/** Who takes an update of so many bytes, or why nobody does. */
	update(length: number): BodySink | Response;
}

/** Whatever the firmware knows itself by: it is given back to its functions. */
export type House = object;

/**
 * What the web page in a browser is made of. Long bodies come in parts. The functions lie in flash, and get what they work on with each
 * call: closures would be made for each request.
 */
export interface Sources {
	/** The page itself, packed by gzip, where it lies in flash; null where there is none. */
	readPage(house: House): Uint8Array | null;
	/** `meters`: those of the context. */
	describeStatus(house: House, meters: readonly Latest[]): Iterator<Part, void>;
	describeLog(house: House): Iterator<Part, void>;
	/** Readings of the last hour of the meter with this name in topics. */
	listRecent(house: House, meter: string): Iterator<Part, void>;
	/** Sectors of the history in flash with a number above this one, newest first. */
	listQuarters(house: House, after: number): Iterator<Part, void>;
	describeSettings(house: House): Iterator<Part, void>;
	/** Takes `length` bytes of settings, or says why nobody does. */
	takeSettings(house: House, length: number): BodySink | Response;
}

/**
 * `open`: for everybody. `read`: with the token, where it guards reading. `write`: with the token only, so that without one nothing
 * can be changed, and for no other web site in somebody's browser. Where no token is asked for, a name of this reader is.
 */
export type Guard = "open" | "read" | "write";

export type Method = "GET" | "POST" | "PUT";

const methods: readonly Method[] = Object.freeze(["GET", "POST", "PUT"] as const);

interface RouteBase {
	/** HEAD comes with GET. */
	readonly method: Method;
	/** As asked for, without the query. */
	readonly path: string;
	readonly guard: Guard;
}

/** One row. `needs`: what must be there for an answer. */
export type Route =
	| (RouteBase & { readonly needs: "nothing"; readonly answer: (context: Context, request: Request) => Response })
	/** A meter with fresh readings: the first, or the one that the query names (`?meter=SERIAL`). */
	| (RouteBase & {
			readonly needs: "readings";
			readonly answer: (context: Context, latest: Latest, readings: Readings) => Response;
	  })
	/** A web page. */
	| (RouteBase & {
			readonly needs: "sources";
			readonly answer: (sources: Sources, context: Context, request: Request) => Response;
	  })
	/** A body of at most `most` bytes, whose length is known. */
	| (RouteBase & {
			readonly needs: "body";
			readonly most: number;
			/**
			 * The only `Content-Type`, in small letters; null for any. With one that no form has, a browser asks before it sends the body
			 * to another web site, and gets no leave.
			 */
			readonly type: string | null;
			/** Who takes the `length` bytes that come, or why nobody does. */
			readonly onStart: (context: Context, request: Request, length: number) => BodySink | Response;
	  });

/** A body that nobody takes may be so long. */
const mostIgnored = 1_024;

/** The answer of the row that fits, or why there is none; or who takes the body. */
export function dispatch(routes: readonly Route[], request: Request, context: Context): Response | BodySink {
	const { method, path } = request;
	const rows = routes.filter(row => row.path === path);
	const wanted = method === "HEAD" ? "GET" : method;
	const row = rows.find(candidate => candidate.method === wanted);
	const refusal = check(row?.guard ?? rows[0]?.guard ?? "read", request, context.access);
	if (refusal !== null) return refusal;
	// A method that no path can have is refused as such, whatever the path.
	const isKnown = methods.some(known => known === wanted);
	if (isKnown && rows.length === 0) return explain(404, `Here are ${listPaths(routes)}.\n`);
	if (row === undefined) return plain(405, `Allow: ${listMethods(isKnown ? rows : routes)}\r\n`);
	if (row.needs === "body") return receiveBody(row, context, request);
	if (request.bodyLength !== null && request.bodyLength > mostIgnored) return plain(413);
	if (row.needs === "sources")
		return context.sources === null ? plain(404) : row.answer(context.sources, context, request);
	return row.needs === "nothing" ? row.answer(context, request) : answerFor(row, context, request);
}

/** Why this client gets no answer, or null. */
function check(guard: Guard, request: Request, { token, isReadGuarded, hosts }: Access): Response | null {
	const { host, authorization } = request;
	if ((!isReadGuarded || guard === "write") && !isOwnHost(host, hosts)) return misdirected();
	if (guard === "open" || (guard === "read" && !isReadGuarded)) return null;
	if (guard === "write" && isForeign(request)) return explain(403, "Another web site may change nothing here.\n");
	if (token === null) return explain(403, "This needs a token: set webToken.\n");
	return isAllowed(authorization, token) ? null : plain(401, 'WWW-Authenticate: Bearer realm="smarty-xs"\r\n');
}

/** Whether another web site sends this in its visitor's browser. A client that is no browser says nothing of that. */
function isForeign({ host, origin, site }: Request): boolean {
	if (site !== null && site !== "same-origin" && site !== "none") return true;
	return origin !== null && origin.toLowerCase() !== `http://${(host ?? "").toLowerCase()}`;
}

function misdirected(): Response {
	const body = "Not a name of this reader: ask by its address or its name in .local, or set webHost to this name.\n";
	return explain(421, body);
}

/** Looks at all characters whichever is wrong, so that the time tells nothing. */
function isAllowed(authorization: string | null, token: string): boolean {
	const value = authorization ?? "";
	const given = value.slice(0, 7).toLowerCase() === "bearer " ? value.slice(7).trim() : "";
	let difference = given.length ^ token.length;
	for (let at = 0; at < token.length; at += 1) difference |= given.charCodeAt(at) ^ token.charCodeAt(at);
	return difference === 0;
}

/** `/a, /b and POST /c`: what can only be changed has its method before it. */
function listPaths(routes: readonly Route[]): string {
	const names: string[] = [];
	for (const { path } of routes) {
		const methods = routes.filter(row => row.path === path).map(row => row.method);
		const name = methods.includes("GET") ? path : `${methods[0]} ${path}`;
		if (!names.includes(name)) names.push(name);
	}
	const last = names.pop() ?? "nothing";
	return names.length === 0 ? last : `${names.join(", ")} and ${last}`;
}

function listMethods(rows: readonly Route[]): string {
	const names: string[] = [];
	for (const { method } of rows) {
		const name = method === "GET" ? "GET, HEAD" : method;
		if (!names.includes(name)) names.push(name);
	}
	return names.join(", ");
}

function receiveBody(row: Extract<Route, { needs: "body" }>, context: Context, request: Request): BodySink | Response {
	const { bodyLength, contentType } = request;
	if (row.type !== null && (contentType ?? "").toLowerCase().split(";")[0].trim() !== row.type) return plain(415);
	if (bodyLength === null) return plain(411);
	return bodyLength > row.most ? plain(413) : row.onStart(context, request, bodyLength);
}

function answerFor(row: Extract<Route, { needs: "readings" }>, context: Context, { query }: Request): Response {
	const { meters, surroundings } = context;
	const latest = findMeter(meters, query);
	if (latest === null) {
		const names = nameMeters(meters).join(", ");
		return explain(404, names === "" ? "Here is no meter.\n" : `No meter is called so. Here are ${names}.\n`);
	}
	const readings = freshReadings(latest, surroundings.now);
	// Old readings would be taken for new ones.
	return readings === null ? plain(503, "Retry-After: 10\r\n") : row.answer(context, latest, readings);
}
