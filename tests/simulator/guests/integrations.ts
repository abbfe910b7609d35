import {
	accountFor,
	announce,
	createIntegrations,
	noteDiscovery,
	offerConstants,
	offerReadings,
	showTelegram,
} from "../../../modules/firmware/integrations.js";
import { countChunks, makeChunk } from "../../../modules/messages/chunks.js";
import { meterName } from "../../../modules/messages/topics.js";
import { holdImplausible } from "../../../modules/meter/plausibility.js";
import { accept, createReader, type Telegram } from "../../../modules/p1/reader.js";
import type { Stream, StreamEvents } from "../../../modules/ports/ports.js";
import { checkSettings, readConfiguration } from "../../../modules/settings/settings.js";
import { createOutbox } from "../../../modules/uplink/outbox.js";
import { respond } from "../../../modules/web/routes.js";
import { admitConnection, createWebServer } from "../../../modules/web/server.js";
import { admitClient, broadcast, createTelegramServer } from "../../../modules/web/telegram-server.js";
import { decodeText, encodeText } from "../../../simulator/text.js";

interface Input {
	settings: Record<string, string>;
	/** In clear, one after the other, ten seconds apart. */
	telegrams: string[];
	/** HTTP requests after the last. */
	requests: string[];
}

/** Everything around the state message, for the tests of the engines: telegrams in, messages and pages out. */
export function createGuest() {
	return {
		handle(request: ArrayBuffer): ArrayBuffer {
			const input: Input = JSON.parse(decodeText(new Uint8Array(request)));
			return encodeText(JSON.stringify(run(input)));
		},
	};
}

function run({ settings: given, telegrams, requests }: Input) {
	const { settings, problems } = checkSettings(readConfiguration(given), true);
	const stored: Record<string, string> = {};
	const store = {
		read: (name: string) => stored[name] ?? null,
		write: (name: string, value: string) => {
			stored[name] = value;
		},
		remove: () => {},
	};
	const outbox = createOutbox(1000, null);
	const announced: { topic: string; payload: string }[] = [];
	const server = createTelegramServer(4);
	let now = 0;
	const reader = createReader({ key: null }, telegram => take(telegram));
	const integrations = createIntegrations(settings, reader, "smarty-xs 0.1.0", store);
	offerConstants(integrations, outbox);
	let discoveries = 0;

	function take(telegram: Telegram): void {
		const meter = meterName(telegram);
		holdImplausible(integrations.totals, meter, telegram, now);
		accountFor(integrations, telegram, meter, store, () => {});
		offerReadings(integrations, outbox, telegram, meter, now);
		if (noteDiscovery(integrations, telegram, meter)) {
			discoveries += 1;
			announce(integrations, "smarty-xs-a1b2c3d4e5f6", "smarty/status");
			const { discovery } = integrations;
			for (let next = discovery?.takeAnnouncement(); next; next = discovery?.takeAnnouncement()) {
				const { topic, payload } = next;
				let text = "";
				for (let at = 0; at < countChunks(payload); at++) text += makeChunk(payload, at);
				announced.push({ topic, payload: text });
			}
		}
		broadcast(server, showTelegram(integrations, telegram, meter, now), now);
	}

	const client = createSink();
	client.events = admitClient(server, client.stream, 0);
	for (const text of telegrams) {
		const bytes = new Uint8Array(encodeText(text));
		accept(reader, bytes, 0, bytes.length, now);
		now += 10_000;
	}
	const { snapshot } = integrations;
	const surroundings = {
		now,
		network: "Stuff",
		signalStrength: -61,
		macAddress: "a1b2c3d4e5f6",
		version: "smarty-xs 0.1.0",
	};
	const encode = (text: string) => new Uint8Array(encodeText(text));
	const access = { token: null, hosts: settings.integrations.webHosts };
	const web = createWebServer(4, wanted => respond(wanted, [snapshot], surroundings, access), encode);
	const pages = requests.map(text => {
		const sink = createSink();
		const events = admitConnection(web, sink.stream, () => now);
		const bytes = encode(text);
		events?.onData(bytes, bytes.length);
		return sink.text;
	});
	return { problems, messages: outbox.waiting, announced, served: client.text, pages, stored, discoveries };
}

interface Sink {
	stream: Stream;
	events: StreamEvents | null;
	text: string;
}

function createSink(): Sink {
	const sink: Sink = {
		stream: {
			write(bytes, start, end) {
				sink.text += decodeText(bytes.slice(start, end));
				return end - start;
			},
			close() {},
		},
		events: null,
		text: "",
	};
	return sink;
}
