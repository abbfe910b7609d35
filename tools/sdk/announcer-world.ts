/** What the board's announcer finds around it in Node: time, a socket, and the reader of packets that the SDK has in C. */

import packets, { type Answer, type Packet, type Question } from "dns-packet";

/** The time of the announcer, and the packets that it sent. */
export interface AnnouncerWorld {
	readonly sent: Packet[];
	/** Runs what is due within so many milliseconds. */
	pass(duration: number): void;
	/** Others in the network send a packet. */
	receive(packet: Packet): void;
	/** Sockets that are open. */
	readonly open: { count: number };
	/** For a stand-in of a test: what it was told. */
	readonly calls: unknown[][];
}

interface Timer {
	callback: (timer: Timer) => void;
	time: number;
	/** Null for once. */
	every: number | null;
	/** The SDK's modules keep their own there. */
	interval?: number;
}

/** `services` is what the stand-ins for the SDK's modules call, `io` the class of the socket. */
export function createWorld() {
	let now = 0;
	const timers = new Set<Timer>();
	const add = (callback: Timer["callback"], delay: number, every: number | null) => {
		const timer = { callback, time: now + delay, every };
		timers.add(timer);
		return timer;
	};
	const sent: Packet[] = [];
	const open = { count: 0 };
	const calls: unknown[][] = [];
	const hear: { onReadable: (() => void) | null; packet: Packet | null } = { onReadable: null, packet: null };
	/** The SDK's socket, as far as DNS-SD uses it. */
	class FakeUdp {
		readonly target: object;
		constructor(options: { target: object; onReadable(this: FakeUdp, count: number): void }) {
			this.target = options.target;
			hear.onReadable = () => options.onReadable.call(this, 1);
			open.count += 1;
		}
		add(): void {}
		read(): object {
			return { packet: hear.packet, address: "192.0.2.9", port: 5353 };
		}
		write(bytes: ArrayBuffer): void {
			sent.push(packets.decode(Buffer.from(bytes)));
		}
		close(): void {
			open.count -= 1;
		}
	}
	const world: AnnouncerWorld = {
		sent,
		open,
		calls,
		pass(duration) {
			const end = now + duration;
			for (;;) {
				const due = [...timers].filter(({ time }) => time <= end).sort((one, other) => one.time - other.time);
				const timer = due[0];
				if (timer === undefined) break;
				now = timer.time;
				if (timer.every === null) timers.delete(timer);
				else timer.time += timer.every;
				timer.callback(timer);
			}
			now = end;
		},
		receive(packet) {
			hear.packet = packet;
			hear.onReadable?.();
		},
	};
	const services = {
		calls,
		set: (callback: Timer["callback"], delay: number) => add(callback, delay, null),
		repeat: (callback: Timer["callback"], interval: number) => add(callback, interval, interval),
		schedule(timer: Timer, delay: number, every: number) {
			timer.time = now + delay;
			timer.every = every;
		},
		clear: (timer: Timer) => timers.delete(timer),
		parse: ({ packet }: { packet: Packet }) => describePacket(packet),
	};
	const fromString = (text: string) => new Uint8Array(Buffer.from(text, "utf8")).buffer;
	Object.assign(ArrayBuffer, { fromString });
	Object.assign(globalThis, { trace: () => {} });
	return { world, io: FakeUdp, services };
}

/** As the SDK's parser gives it: names as lists, types as numbers. */
function describePacket({ type, questions = [], answers = [], authorities = [], additionals = [] }: Packet): object {
	const at =
		<T, R>(list: readonly T[], describe: (item: T) => R) =>
		(index: number) =>
			describe(list[index]!);
	return {
		id: 0,
		flags: type === "response" ? 0x8000 : 0,
		questions: questions.length,
		answers: answers.length,
		authorities: authorities.length,
		additionals: additionals.length,
		question: at(questions, describeQuestion),
		answer: at(answers, describeAnswer),
		authority: at(authorities, describeAnswer),
		additional: at(additionals, describeAnswer),
	};
}

const types: Readonly<Record<string, number>> = { A: 1, PTR: 12, TXT: 16, AAAA: 28, SRV: 33, ANY: 255 };

function describeQuestion({ name, type }: Question): object {
	return { qname: name.split("."), qtype: types[type], qclass: 1 };
}

function describeAnswer(answer: Answer): object {
	const rdata = "data" in answer ? answer.data : undefined;
	return { qname: answer.name.split("."), qtype: types[answer.type], qclass: 1, rdata };
}
