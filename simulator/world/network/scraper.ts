/** A client that asks the device for `/metrics` again and again, and reads what it gets. */

import { plan, second } from "../clock.js";
import type { Scraper, World } from "../state.js";
import { type Visit, visitDevice } from "./visits.js";

const port = 80;
const patience = 10 * second;
const request = "GET /metrics HTTP/1.1\r\nHost: 192.168.1.20\r\nAccept: application/openmetrics-text\r\n\r\n";

/** Once a second, as long as the world lasts; it waits for an answer before it asks again. */
export function startScraper(world: World): Scraper {
	const scraper: Scraper = { asked: 0, answered: 0, compared: 0, refused: 0, cut: 0 };
	let isBusy = false;
	const scrape = () => {
		plan(world.clock, second, scrape);
		if (isBusy) return;
		isBusy = ask(world, scraper, () => {
			isBusy = false;
		});
	};
	plan(world.clock, second, scrape);
	return scraper;
}

/** False where nobody can be asked. */
function ask(world: World, scraper: Scraper, onDone: () => void): boolean {
	const pieces: Uint8Array[] = [];
	let isDone = false;
	const end = (count: () => void) => {
		if (isDone) return;
		isDone = true;
		count();
		onDone();
	};
	const visit: Visit | null = visitDevice(world.house, port, {
		onData: bytes => void pieces.push(bytes),
		onEnd: () => end(() => judgeAnswer(world, scraper, Buffer.concat(pieces).toString("latin1"))),
	});
	if (visit === null) return false;
	scraper.asked += 1;
	visit.send(new Uint8Array(Buffer.from(request)));
	plan(world.clock, patience, () =>
		end(() => {
			scraper.cut += 1;
			visit.leave();
		}),
	);
	return true;
}

function judgeAnswer(world: World, scraper: Scraper, answer: string): void {
	const status = /^HTTP\/1\.1 (\d{3}) /.exec(answer)?.[1];
	if (status === "503") {
		scraper.refused += 1;
		return;
	}
	const page = status === "200" ? joinChunks(answer) : null;
	if (page === null) {
		if (status !== undefined && status !== "200") world.reportViolation(`/metrics was answered with ${status}`);
		scraper.cut += 1;
		return;
	}
	scraper.answered += 1;
	if (!page.endsWith("# EOF\n")) world.reportViolation("/metrics is whole, and has no end");
	const found = /^smarty_active_energy_import_joules_total\{meter="(\w+)"\} (\d+)$/m.exec(page);
	if (found === null) return;
	scraper.compared += 1;
	const [, serial, joules] = found;
	const isTrue = world.groundTruth.sent.some(
		sent => sent.serial === serial && sent.snapshot?.activeEnergyImport === Number(joules) / 3_600,
	);
	if (!isTrue) world.reportViolation(`/metrics has ${joules} J, which ${serial} never showed`);
}

/** The body of an answer in chunks (RFC 9112, 7.1), or null where it was cut off. */
function joinChunks(answer: string): string | null {
	let at = answer.indexOf("\r\n\r\n") + 4;
	let body = "";
	for (;;) {
		const end = answer.indexOf("\r\n", at);
		if (end < 0) return null;
		const length = Number.parseInt(answer.slice(at, end), 16);
		if (length === 0) return body;
		body += answer.slice(end + 2, end + 2 + length);
		at = end + 2 + length + 2;
	}
}
