/** What a request says: its first line and the fields that matter. */
import { consistsOf, isDecimal, isDigits } from "../p1/characters.js";

/** One request as far as this server looks at it. */
export interface Request {
	method: string;
	/** Without the query. */
	path: string;
	/** What follows `?`, as it came; empty where there is none. */
	query: string;
	/** HTTP/1.0. */
	isOld: boolean;
	/** The value of `Host`, or null, which HTTP/1.0 allows. */
	host: string | null;
	/** The value of `Authorization`, or null. */
	authorization: string | null;
	/** The value of `Accept`, empty where there is none. */
	accept: string;
	/** The value of `Accept-Language`, empty where there is none. */
	language: string;
	/** Bytes of a body that follows; null where `Content-Length` does not tell. */
	bodyLength: number | null;
	/** The value of `Content-Type`, or null. */
	contentType: string | null;
	/** The value of `Origin`, or null: which web site asks. */
	origin: string | null;
	/** The value of `Sec-Fetch-Site`, or null: how that site and this reader stand to each other. */
	site: string | null;
	/** The client sends the body when it is told to: `Expect: 100-continue`. */
	isWaiting: boolean;
}

/** The fields that matter, in small letters. */
export const fieldNames: readonly string[] = Object.freeze([
	"host",
	"authorization",
	"accept",
	"accept-language",
	"content-length",
	"transfer-encoding",
	"expect",
	"content-type",
	"origin",
	"sec-fetch-site",
]);

/** A request without fields, or the status with which the line must be refused (RFC 9112, 3). */
export function readFirstLine(line: string): Request | number {
	const space = line.indexOf(" ");
	const last = line.lastIndexOf(" ");
	const method = line.slice(0, space);
	const target = line.slice(space + 1, last);
	const version = line.slice(last + 1);
	const isOld = version === "HTTP/1.0";
	if (method === "" || method.length > 16 || !consistsOf(method, "AZ")) return 400;
	if (version !== "HTTP/1.1" && !isOld && !isVersion(version)) return 400;
	if (!target.startsWith("/") || target.includes(" ") || target.includes("\t")) return 400;
	if (version.charAt(5) !== "1") return 505;
	// What follows `#` is none of the server's business.
	const hash = target.indexOf("#");
	const whole = hash < 0 ? target : target.slice(0, hash);
	const mark = whole.indexOf("?");
	return {
		method,
		path: mark < 0 ? whole : whole.slice(0, mark),
		query: mark < 0 ? "" : whole.slice(mark + 1),
		isOld,
		host: null,
		authorization: null,
		accept: "",
		language: "",
		bodyLength: null,
		contentType: null,
		origin: null,
		site: null,
		isWaiting: false,
	};
}

/** `HTTP/` and two digits with a point between. */
function isVersion(text: string): boolean {
	return text.length === 8 && text.startsWith("HTTP/") && isDecimal(text.slice(5), 1, 1);
}

/** Puts a field of `fieldNames` into the request; returns 0, or the status with which it must be refused. */
export function readField(request: Request, name: string, value: string): number {
	switch (name) {
		case "host":
			if (request.host !== null) return 400;
			request.host = value;
			break;
		case "authorization":
			request.authorization = value;
			break;
		case "accept":
			request.accept += `${value},`;
			break;
		case "accept-language":
			request.language = value;
			break;
		case "content-length":
			if (!isDigits(value, 9) || request.bodyLength !== null) return 400;
			request.bodyLength = Number(value);
			break;
		case "transfer-encoding":
			return 411;
		case "content-type":
			request.contentType = value;
			break;
		case "origin":
			request.origin = value;
			break;
		case "sec-fetch-site":
			request.site = value;
			break;
		case "expect":
			// A client of HTTP/1.0 does not wait (RFC 9110, 10.1.1).
			request.isWaiting = !request.isOld && value.toLowerCase() === "100-continue";
			break;
	}
	return 0;
}
