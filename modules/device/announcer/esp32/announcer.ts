/** Announces the board's services with the SDK's DNS-SD over multicast DNS. */
import DNSSD from "embedded:network/dnssd";
import Timer from "timer";
import type { Guard } from "../../../ports/guard.js";
import type { Closable, Service } from "../../../ports/ports.js";

type SocketClass = ConstructorParameters<typeof DNSSD>[0]["socket"]["io"];

/** What answers for this board, while a service is announced. */
interface Responder {
	readonly dnssd: DNSSD;
	readonly host: string;
	/** Of the name; null while it is another's. */
	claim: Closable | null;
	isOurs: boolean;
	/** Services that wait until the name is ours. */
	readonly waiting: (() => void)[];
	/** Services that are announced or wait. */
	services: number;
	timer: ReturnType<typeof Timer.set> | undefined;
}

/** After another has answered to the name. */
const claimAgainMs = 60_000;

/**
 * Announces services, all under one name, which is claimed with the first of them. `io` is the socket to send and hear with. Throws
 * when there is no socket to be had. While another has the name nothing is announced.
 */
export function createAnnouncer(guard: Guard, io: SocketClass): (service: Service) => Closable {
	let responder: Responder | null = null;

	return service => {
		const used = responder ?? openResponder(guard, io, service.name.toLowerCase());
		responder = used;
		used.services += 1;
		let closed = false;
		let advertisement: Closable | null = null;
		const advertise = () => {
			if (closed) return;
			const { name, type, port, text } = service;
			advertisement = used.dnssd.advertise({ serviceType: type, name, host: used.host, port, txt: encodePairs(text) });
		};
		if (used.isOurs) guard(advertise);
		else used.waiting.push(advertise);
		return {
			close() {
				if (closed) return;
				closed = true;
				guard(() => advertisement?.close());
				used.services -= 1;
				if (used.services > 0) return;
				responder = null;
				Timer.clear(used.timer);
				guard(() => used.dnssd.close());
			},
		};
	};
}

function openResponder(guard: Guard, io: SocketClass, host: string): Responder {
	const dnssd = new DNSSD({ socket: { io } });
	const responder: Responder = {
		dnssd,
		host,
		claim: null,
		isOurs: false,
		waiting: [],
		services: 0,
		timer: undefined,
	};
	try {
		claimName(guard, responder);
	} catch (error) {
		dnssd.close();
		throw error;
	}
	return responder;
}

function claimName(guard: Guard, responder: Responder): void {
	const { dnssd, host, waiting } = responder;
	responder.claim = dnssd.claim({
		host,
		onReady() {
			responder.isOurs = true;
			for (const advertise of waiting.splice(0)) guard(advertise);
		},
		onError() {
			if (responder.services === 0) return;
			responder.timer = Timer.set(
				() =>
					guard(() => {
						responder.claim?.close();
						claimName(guard, responder);
					}),
				claimAgainMs,
			);
		},
	});
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
