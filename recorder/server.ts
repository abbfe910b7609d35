/** The recorder's page over HTTP: GET and HEAD only, and only for browsers that mean this computer. */
import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { gunzipSync } from "node:zlib";
import { isOwnHost } from "../modules/web/host.js";
import type { FileSink } from "./database.js";
import { createQueries } from "./queries.js";
import { answer } from "./routes.js";
import type { Report } from "./sink.js";

const headerMs = 10_000;
const longestUrl = 60_000;
const mostConnections = 64;

/** As `npm run page` builds it. Its own policy (in the page) names its script and style by their hashes. */
const pageFile = new URL("page/page.html.gz", import.meta.url);

export interface PageServer {
	readonly address: string;
	close(): Promise<void>;
}

export interface ServerOptions {
	file: FileSink;
	port: number;
	bind: string;
	hosts: readonly string[];
	report(): Report;
}

const always = {
	"X-Content-Type-Options": "nosniff",
	"Referrer-Policy": "no-referrer",
	"Cross-Origin-Resource-Policy": "same-origin",
	"X-Frame-Options": "DENY",
	"Cache-Control": "no-store",
};

export async function startServer({ file, port, bind, hosts, report }: ServerOptions): Promise<PageServer> {
	const packed = readFileSync(pageFile);
	const page = gunzipSync(packed);
	const policy =
		/http-equiv="Content-Security-Policy" content="([^"]+)"/.exec(page.toString())?.[1] ?? "default-src 'none'";
	const queries = createQueries(file);

	function respond(request: IncomingMessage, response: ServerResponse): void {
		const isHead = request.method === "HEAD";
		const refuse = (status: number, text: string, more = {}) => {
			response.writeHead(status, { ...always, "Content-Type": "text/plain; charset=utf-8", ...more });
			response.end(isHead ? undefined : `${text}\n`);
		};
		if (!isOwnHost(request.headers.host ?? null, hosts)) {
			refuse(421, "not a name of this computer: see --host");
			return;
		}
		if (request.method !== "GET" && !isHead) {
			refuse(405, "only GET and HEAD", { Allow: "GET, HEAD" });
			return;
		}
		const [path = "", ...rest] = (request.url ?? "").split("?");
		if (path === "/") {
			const isPacked = /\bgzip\b/.test(String(request.headers["accept-encoding"] ?? ""));
			response.writeHead(200, {
				...always,
				"Content-Type": "text/html; charset=utf-8",
				"Content-Security-Policy": `${policy}; frame-ancestors 'none'`,
				...(isPacked && { "Content-Encoding": "gzip" }),
			});
			response.end(isHead ? undefined : isPacked ? packed : page);
			return;
		}
		const found = answer(queries, path, new URLSearchParams(rest.join("?")), report);
		if (found === null) {
			refuse(404, "no such page");
			return;
		}
		if (found.status !== 200) {
			refuse(found.status, found.text);
			return;
		}
		response.writeHead(200, {
			...always,
			"Content-Type": found.type,
			"Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
			...(found.name !== undefined && { "Content-Disposition": `attachment; filename="${found.name}"` }),
		});
		if (isHead) response.end();
		else if (typeof found.body === "string") response.end(found.body);
		else void sendPieces(response, found.body);
	}

	const server = createServer({ headersTimeout: headerMs, requestTimeout: headerMs }, (request, response) => {
		response.on("error", () => {});
		try {
			if ((request.url ?? "").length > longestUrl) throw new RangeError("too long");
			respond(request, response);
		} catch {
			if (!response.headersSent) response.writeHead(500, always);
			response.end();
		}
	});
	server.maxConnections = mostConnections;
	await new Promise<void>((resolve, reject) => server.once("error", reject).listen(port, bind, resolve));
	const { address, port: own, family } = server.address() as AddressInfo;
	return {
		address: `http://${family === "IPv6" ? `[${address}]` : address}:${own}/`,
		close: () =>
			new Promise(resolve => {
				server.close(() => resolve());
				server.closeAllConnections();
			}),
	};
}

/** As fast as the browser takes them, and readings are taken in between. */
async function sendPieces(response: ServerResponse, pieces: Iterable<string>): Promise<void> {
	try {
		for (const piece of pieces) {
			if (response.destroyed) return;
			const hasRoom = response.write(piece);
			await new Promise<void>(resolve => {
				if (hasRoom) setImmediate(resolve);
				else response.once("drain", resolve).once("close", resolve);
			});
		}
		response.end();
	} catch {
		response.destroy();
	}
}
