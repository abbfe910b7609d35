/** Announces the board's services with the SDK's DNS-SD over multicast DNS. */
import DNSSD from "embedded:network/dnssd";
import Timer from "timer";
import type { Guard } from "../../../ports/guard.js";
import type { Closable, Service } from "../../../ports/ports.js";

type SocketClass = ConstructorParameters<typeof DNSSD>[0]["socket"]["io"];

/** After another has answered to the name. */
const claimAgainMs = 60_000;

/** Announces services, all under one name, which is claimed with the first of them. While another has the name nothing is announced. */
class Announcer {
	private readonly guard: Guard;
	/** The socket to send and hear with. */
	private readonly io: SocketClass;
	private responder: Responder | null = null;

	constructor(guard: Guard, io: SocketClass) {
		this.guard = guard;
		this.io = io;
	}

	/** Throws when there is no socket to be had. */
	announce(service: Service): Closable {
		this.responder ??= openResponder(this.guard, this.io, service.name.toLowerCase());
		return new Announcement(this, this.responder, service);
	}

	forget(): void {
		this.responder = null;
	}
}

/** What answers for this board, while a service is announced. */
class Responder {
	readonly guard: Guard;
	readonly dnssd: DNSSD;
	readonly host: string;
	isOurs = false;
	/** That wait until the name is ours. */
	readonly waiting: Announcement[] = [];
	/** Services that are announced or wait. */
	services = 0;
	/** Of the name; null while it is another's. */
	private claim: Closable | null = null;
	private timer: ReturnType<typeof Timer.set> | undefined;

	constructor(guard: Guard, dnssd: DNSSD, host: string) {
		this.guard = guard;
		this.dnssd = dnssd;
		this.host = host;
	}

	claimName(): void {
		// Functions, because the SDK's module calls them on nothing of ours.
		this.claim = this.dnssd.claim({ host: this.host, onReady: () => this.begin(), onError: () => this.wait() });
	}

	close(): void {
		Timer.clear(this.timer);
		this.guard(closeAll, this.dnssd);
	}

	private begin(): void {
		this.isOurs = true;
		for (const announcement of this.waiting.splice(0)) this.guard(advertise, announcement);
	}

	private wait(): void {
		if (this.services === 0) return;
		this.timer = Timer.set(() => this.guard(claimAgain, this), claimAgainMs);
	}

	claimAgain(): void {
		this.claim?.close();
		this.claimName();
	}
}

class Announcement implements Closable {
	private readonly announcer: Announcer;
	private readonly responder: Responder;
	private readonly service: Service;
	private advertisement: Closable | null = null;
	private closed = false;

	constructor(announcer: Announcer, responder: Responder, service: Service) {
		this.announcer = announcer;
		this.responder = responder;
		this.service = service;
		responder.services += 1;
		if (responder.isOurs) responder.guard(advertise, this);
		else responder.waiting.push(this);
	}

	advertise(): void {
		if (this.closed) return;
		const { name, type, port, text } = this.service;
		const { dnssd, host } = this.responder;
		this.advertisement = dnssd.advertise({ serviceType: type, name, host, port, txt: encodePairs(text) });
	}

	close(): void {
		if (this.closed) return;
		this.closed = true;
		const { announcer, responder, advertisement } = this;
		if (advertisement !== null) responder.guard(closeAll, advertisement);
		responder.services -= 1;
		if (responder.services > 0) return;
		announcer.forget();
		responder.close();
	}
}

function advertise(announcement: Announcement): void {
	announcement.advertise();
}

function claimAgain(responder: Responder): void {
	responder.claimAgain();
}

function closeAll(opened: Closable): void {
	opened.close();
}

/** Undefined where the platform announces nothing. */
export function createAnnouncer(guard: Guard, io: SocketClass): { announce(service: Service): Closable } | undefined {
	return new Announcer(guard, io);
}

function openResponder(guard: Guard, io: SocketClass, host: string): Responder {
	const dnssd = new DNSSD({ socket: { io } });
	const responder = new Responder(guard, dnssd, host);
	try {
		responder.claimName();
	} catch (error) {
		dnssd.close();
		throw error;
	}
	return responder;
}

/**
 * A TXT record's data (RFC 6763, 6.1): each pair as `name=value` after its length. The SDK would take a list of such texts, and put
 * its indices for names.
 */
function encodePairs(pairs: Service["text"]): Uint8Array {
	const texts = Object.entries(pairs).map(
		([name, value]) => new Uint8Array(ArrayBuffer.fromString(`${name}=${value}`)),
	);
	const bytes = new Uint8Array(texts.reduce((sum, { length }) => sum + 1 + length, 0));
	let at = 0;
	for (const text of texts) {
		bytes[at] = text.length;
		bytes.set(text, at + 1);
		at += 1 + text.length;
	}
	return bytes;
}
