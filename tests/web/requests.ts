/** Requests as the parser hands them over. */
import type { Request } from "../../modules/web/request.js";

/** A GET of somebody in the house, or what `changes` makes of it. */
export function requestFor(path: string, changes: Partial<Request> = {}): Request {
	return {
		method: "GET",
		path,
		query: "",
		isOld: false,
		host: "192.168.1.50",
		authorization: null,
		accept: "",
		language: "",
		bodyLength: null,
		contentType: null,
		origin: null,
		site: null,
		isWaiting: false,
		...changes,
	};
}
