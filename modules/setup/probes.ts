/** How systems find out whether a network leads to the internet, and what they want to hear when it does. */
import { withoutEnding } from "../p1/characters.js";
import type { Request } from "../web/request.js";
import { plain, type Response, text } from "../web/response.js";

/** The access point's address, which ESP-IDF gives it. */
export const portalAddress = "192.168.4.1";
export const portalUrl = `http://${portalAddress}/`;

/**
 * A path, and the body with which the internet is there; with an empty one the status is 204. Android asks for `generate_204` or
 * `gen_204`, Apple's systems for `hotspot-detect.html`, Windows for a text file, Firefox and GNOME for texts of theirs.
 */
const successes: readonly (readonly [path: string, body: string])[] = Object.freeze(
	[
		["/generate_204", ""],
		["/gen_204", ""],
		["/hotspot-detect.html", apple()],
		["/library/test/success.html", apple()],
		["/connecttest.txt", "Microsoft Connect Test"],
		["/ncsi.txt", "Microsoft NCSI"],
		["/success.txt", "success\n"],
		["/canonical.html", '<meta http-equiv="refresh" content="0;url=https://support.mozilla.org/kb/captive-portal"/>'],
		["/check_network_status.txt", "NetworkManager is online\n"],
	],
	true,
);

function apple(): string {
	return "<HTML><HEAD><TITLE>Success</TITLE></HEAD><BODY>Success</BODY></HTML>";
}

/** Whether the request is meant for somebody else, whose name was answered with our address; without a name, too. */
export function isForeign({ host }: Request): boolean {
	return withoutEnding((host ?? "").toLowerCase(), ":80") !== portalAddress;
}

/**
 * What a foreign request gets: the way to the portal, with a body, because a redirect alone is not enough for iOS. `isOver`: set-up is
 * done, and the system is to believe in its network, so that it closes its window and keeps the connection.
 */
export function answerForeign({ path, host }: Request, isOver: boolean): Response {
	const found = isOver ? successes.find(([known]) => known === path) : undefined;
	// Ubuntu's looks at the status alone, and at any path.
	if (isOver && (found?.[1] === "" || host?.startsWith("connectivity-check."))) return { ...plain(204), body: "" };
	if (found !== undefined) return { status: 200, type: found[1].startsWith("<") ? "text/html" : text, body: found[1] };
	return {
		status: 302,
		type: "text/html",
		body: `<!doctype html><title>smarty-xs</title><a href="${portalUrl}">${portalUrl}</a>\n`,
		extra: `Location: ${portalUrl}\r\n`,
	};
}
