/** The owner who sets the device up with a phone, again and again until it is in the house's network. */

import { drawInteger, happens } from "../../chance.js";
import { switchOff, switchOn, type } from "../board/processor.js";
import { plan, second } from "../clock.js";
import { visitDevice } from "../network/visits.js";
import type { Owner, World } from "../state.js";
import { between, chanceOf, later } from "./random.js";

const host = "192.168.4.1";
const patience = 10 * second;

/** What the owner does next, in the order in which it is done. */
type Step = "probe" | "form" | "try" | "look" | "keep" | "finish";

/** The phone looks for the device's network from time to time. */
export function startOwner(world: World): Owner {
	const owner: Owner = { isDone: false, wantsAir: false, hasToken: false, bootTime: 0, shortRuns: 0, forgottenBoot: 0 };
	const come = () => {
		later(world, between(world, 10 * second, 40 * second), come);
		// Also where the power went before the last page was seen: the device is in the house.
		const { device, house, radio } = world;
		if (radio.state === "ready" && house.air === null && device.boots > owner.forgottenBoot) owner.isDone = true;
		if (world.house.air !== null && !isBusy && !owner.isDone) {
			isBusy = true;
			go(world, owner, "probe", happens(chanceOf(world), 0.3), () => {
				isBusy = false;
			});
		}
	};
	let isBusy = false;
	later(world, between(world, 5 * second, 60 * second), come);
	return owner;
}

/** One step; what fails, because the power went or the radio is away, ends it, and the owner comes again. */
function go(world: World, owner: Owner, step: Step, isMistaken: boolean, onEnd: () => void): void {
	const next = (following: Step, mistaken = isMistaken, delay = 2 * second) =>
		void later(world, between(world, delay, 2 * delay), () => go(world, owner, following, mistaken, onEnd));
	ask(world, requestFor(world, step, isMistaken), (status, body) => {
		if (status === null) {
			// While the radio looks for the house's network the phone loses the device's; the page asks again.
			if (step === "look" && world.house.air !== null) next("look");
			else onEnd();
			return;
		}
		world.note("portal", { step, status });
		if (step === "probe") {
			if (status !== 302) world.reportViolation(`a probe was answered with ${status}`);
			next("form");
		} else if (step === "form") {
			// A test is under way, or over, that was begun before.
			next(body.includes('action="/try"') ? "try" : "look");
		} else if (step === "try" || step === "finish") {
			if (status !== 303) world.reportViolation(`/${step} was answered with ${status}`);
			if (step === "try") next("look");
			else onEnd();
		} else if (step === "look") look(world, owner, body, next, onEnd);
		else {
			if (status !== 303) world.reportViolation(`/keep was answered with ${status}`);
			next("look");
		}
	});
}

function look(
	world: World,
	owner: Owner,
	body: string,
	next: (step: Step, isMistaken?: boolean) => void,
	onEnd: () => void,
): void {
	if (body.includes('action="/finish"')) {
		owner.isDone = true;
		world.note("set-up");
		const hasToken = /#token=[a-z2-9-]{19}"/.test(body);
		// Where the power went before the last page was seen, the token was made and not read.
		if (!hasToken && !owner.hasToken && world.device.boots < 2) world.reportViolation("set-up gave no token");
		if (hasToken && owner.hasToken) world.reportViolation("set-up made a token although there was one");
		owner.hasToken ||= hasToken;
		next("finish");
	} else if (body.includes("data-wait")) next("look");
	else if (body.includes("WiFi joined")) next("keep");
	else if (body.includes('action="/change"')) {
		world.note("not-joined", { isPassword: body.includes("password is wrong") });
		ask(world, post("/change", ""), () => onEnd());
	} else onEnd();
}

function requestFor({ password, radio }: World, step: Step, isMistaken: boolean): string {
	switch (step) {
		case "probe":
			return "GET /generate_204 HTTP/1.1\r\nHost: connectivitycheck.gstatic.com\r\n\r\n";
		case "form":
		case "look":
			return `GET / HTTP/1.1\r\nHost: ${host}\r\nAccept-Language: en\r\n\r\n`;
		case "try":
			return post(
				"/try",
				new URLSearchParams({
					wifi: radio.accessPoint.name,
					wifiPassword: isMistaken ? "horse battery" : password,
					key: "",
				}).toString(),
			);
		case "keep":
		case "finish":
			return post(`/${step}`, "");
	}
}

function post(path: string, body: string): string {
	const type = "Content-Type: application/x-www-form-urlencoded\r\n";
	return `POST ${path} HTTP/1.1\r\nHost: ${host}\r\nOrigin: http://${host}\r\n${type}Content-Length: ${body.length}\r\n\r\n${body}`;
}

/** One request of the phone; a status of null where no whole answer comes. */
function ask(world: World, request: string, onAnswer: (status: number | null, body: string) => void): void {
	const pieces: Uint8Array[] = [];
	let isOver = false;
	const end = (isWhole: boolean) => {
		if (isOver) return;
		isOver = true;
		const text = Buffer.concat(pieces).toString("latin1");
		const status = isWhole ? /^HTTP\/1\.1 (\d{3}) /.exec(text)?.[1] : undefined;
		onAnswer(status === undefined ? null : Number(status), text);
	};
	const visit = visitDevice(
		world.house,
		80,
		{ onData: bytes => void pieces.push(bytes), onEnd: () => end(world.house.air !== null) },
		true,
	);
	if (visit === null) {
		plan(world.clock, second, () => end(false));
		return;
	}
	visit.send(new Uint8Array(Buffer.from(request)));
	plan(world.clock, patience, () => {
		if (!isOver) visit.leave();
		end(false);
	});
}

/** Out and in three times, and a fourth time in: set-up opens, and ends by itself where nobody comes. */
export function plugThrice(world: World): void {
	const { device, owner } = world;
	if (owner === null || !owner.isDone || !device.on || world.house.air !== null) return;
	world.note("plugged");
	owner.wantsAir = true;
	// A cut that is still to come would end a run too soon.
	world.store.cutAfter = -1;
	const round = (left: number) => {
		switchOff(device, "unplugged");
		later(world, between(world, second, 2 * second), () => {
			world.store.cutAfter = -1;
			switchOn(device, "power on");
			if (left > 0) later(world, between(world, 4 * second, 8 * second), () => round(left - 1));
			else later(world, 30 * second, () => judge(world, owner));
		});
	};
	round(3);
	if (drawInteger(chanceOf(world), 2) === 0) return;
	// The owner comes again, tries what is set, and keeps it.
	later(world, 60 * second, () => {
		if (world.house.air !== null) owner.isDone = false;
	});
}

function judge(world: World, owner: Owner): void {
	if (owner.wantsAir) world.reportViolation("three quick power cycles did not open set-up");
}

/** The owner takes the network away, and begins anew. */
export function forgetNetwork(world: World): void {
	const { device, owner, house } = world;
	if (owner === null || !owner.isDone || !device.on || house.air !== null) return;
	world.note("forgotten");
	world.restartWanted = true;
	owner.isDone = false;
	owner.forgottenBoot = device.boots;
	type(device, "unset wifi");
	type(device, "unset wifiPassword");
	type(device, "restart");
}
