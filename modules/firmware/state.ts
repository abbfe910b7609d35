/** The record of the whole firmware, apart from what is done with it. */
import type { BootRecord } from "../health/boot-record.js";
import type { Light } from "../health/light.js";
import type { Log } from "../health/log.js";
import type { MemoryWatch } from "../health/memory.js";
import type { Meter } from "../health/meter.js";
import type { Recovery } from "../health/recovery.js";
import type { History } from "../history/history.js";
import type { LoraQuarters } from "../history/quarters.js";
import type { Sender } from "../lorawan/part-type.js";
import type { Payload, Values } from "../messages/chunks.js";
import type { LayoutSource, ValueLayout } from "../messages/formats.js";
import type { Discovery, MeterDiscovery } from "../messages/homeassistant/discovery.js";
import type { Account } from "../meter/account.js";
import type { Freshness } from "../meter/freshness.js";
import type { CounterValues, Latest } from "../meter/latest.js";
import type { Plausibility } from "../meter/plausibility.js";
import type { Rate } from "../meter/rate.js";
import type { Heard, Turns } from "../meter/turns.js";
import type { Reader, Tally, Telegram } from "../p1/reader.js";
import type { Alarm, Listener, Output, Ports, PulseInput, PulseSample, Stream, Uart } from "../ports/ports.js";
import type { Calibration } from "../pulses/calibration.js";
import type { Counter } from "../pulses/counter.js";
import type { KeptPlace } from "../pulses/kept.js";
import type { PulseSettings } from "../settings/pulses.js";
import type { CheckedSettings, RawSettings } from "../settings/settings.js";
import type { SettingsStorage } from "../settings/storage.js";
import type { Entry } from "../setup/entry.js";
import type { Improv, ImprovHost } from "../setup/improv.js";
import type { OpenSetUp } from "../setup/state.js";
import type { Answer } from "../update/answer.js";
import type { Receiver } from "../update/receiver.js";
import type { Working } from "../update/trial.js";
import type { Outbox } from "../uplink/outbox.js";
import type { Uplink } from "../uplink/state.js";
import type { TimeServer } from "../uplink/time-server.js";
import type { WebServer } from "../web/connection.js";
import type { TelegramServer } from "../web/telegram-server.js";

/**
 * The whole firmware over its ports. Callbacks of ports note what they were told and set an alarm; everything else happens in
 * `run.ts` from that alarm, so that no port is called out of its own callback, and every entry point catches.
 */
export interface Firmware {
	readonly ports: Ports;
	readonly storage: SettingsStorage;
	/** Settings from the build. */
	readonly built: RawSettings;
	readonly checked: CheckedSettings;
	readonly bootRecord: BootRecord;
	readonly log: Log;
	/** The lines that meters send on, none where the reader only counts pulses, and the wires that they come in on. */
	readonly lines: Line[];
	readonly wires: Wire[];
	/** Of the keys of the settings, in their order (`p1/fingerprint.ts`). */
	readonly fingerprints: readonly string[];
	/** The wire whose frame has the next step. */
	stepping: number;
	/**
	 * The meters that sent since the boot, in the order in which they were first heard; but those whose tag was found good come first, so
	 * that nobody without one is before them where there is room for one meter only.
	 */
	readonly meters: MeterLine[];
	/** How often each name came without a tag that is of no meter yet. */
	readonly newcomers: Map<string, number>;
	/** What the owner set since the boot that ends what tags have shown; null where nothing. */
	endedBy: "key" | "policy" | null;
	readonly light: Light;
	readonly recovery: Recovery;
	readonly memory: MemoryWatch;
	readonly history: History;
	readonly outbox: Outbox;
	readonly uplink: Uplink;
	/** What Home Assistant is told; null where that is switched off. */
	readonly discovery: Discovery | null;
	readonly servers: Servers;
	readonly pulses: Pulses;
	/** Null where nothing goes over LoRa. */
	readonly lora: Lora | null;
	/** The board has a LoRa radio, in use or not. */
	readonly hasRadio: boolean;
	/** Who tells the time; null where a meter does. */
	readonly timeServer: TimeServer | null;
	/** What does not change and is for this connection: values that are left. */
	constants: Values | null;
	/** What the alarm calls. */
	readonly ring: () => void;
	/** The next alarm, and when it rings. */
	alarm: Alarm | null;
	alarmTime: number;
	/** When the next run is due. Alarms that ring before that are idle, and prepare what is expected. */
	runTime: number;
	/** Steps of frames since the last run. */
	steps: number;
	/** Whether this run has written a part of the history to flash, and nothing else. */
	isWriting: boolean;
	/** The longest that an alarm took since the boot, milliseconds. */
	longestRun: number;
	/** Exceptions caught since the boot. */
	exceptions: number;
	/** Readings refused because they are older than their meter's newest, or because there are too many meters. */
	refused: number;
	nextLook: number;
	nextDiagnostics: number;
	/** When meters that were known before the boot and did not send are said to be offline, or Infinity. */
	absentTime: number;
	/** By how many seconds the last reading's time is after this computer's, if that is more than an hour; else null. */
	clockDifference: number | null;
	/** Topics that are still to be cleared, or null. */
	forgotten: Iterator<string, void> | null;
	/** Until when the light says which of several readers this is. */
	identifyTime: number;
	/** When the device restarts, or Infinity. */
	restartTime: number;
	/** Nothing runs any more. */
	stopped: boolean;
	readonly updates: Updates;
	/** What may lead to set-up; null where the board has no access point. */
	readonly entry: Entry | null;
	/** Null but in set-up. */
	setup: OpenSetUp | null;
	/** Null before somebody speaks Improv at the console. */
	improv: { readonly state: Improv; readonly host: ImprovHost } | null;
}

/** Has the firmware, for what is made before it. */
export interface Owner {
	readonly firmware: Firmware;
}

/** A new program on its way in, or this one while it is new. */
export interface Updates {
	/** Null while none comes. */
	receiver: Receiver | null;
	/** What has to work until this program is kept; null where it is kept. */
	trial: Working | null;
	/** When a program that is not kept by then is given up, monotonic milliseconds. */
	trialEnd: number;
	/** The call for what `updateUrl` offers that is under way; null between two. */
	call: UpdateCall | null;
	/** When it is looked for again, monotonic milliseconds. */
	callTime: number;
	/** Somebody wants it installed. */
	isWanted: boolean;
	/** The version that it offered last, or this program's own where it is no newer one; null before. */
	offered: string | null;
}

/** One `GET` of `updateUrl`. */
export interface UpdateCall {
	/** It installs what it gets, else it looks at the header only. */
	readonly installs: boolean;
	readonly answer: Answer;
	receiver: Receiver | null;
	stream: Stream | null;
	isAsked: boolean;
	/** It is given up, if no more came by then, monotonic milliseconds. */
	deadline: number;
	/** Bytes that came when the deadline was set. */
	mark: number;
	/** Percent that were told last. */
	told: number;
}

/** One receiving pin with its UART. Lines that share it have turns. */
export interface Wire {
	readonly receivePin: number;
	/** Of all its lines: the tally of the one that is asked counts. */
	readonly reader: Reader;
	/** Null until it is open. */
	uart: Uart | null;
	readonly lines: Line[];
	/** Null where there is one line, whose meter is asked always. */
	turns: Turns | null;
	/** Whose bytes come in; null while nobody is asked. */
	current: Line | null;
	/** When it is opened, or tried again, while it is not open. */
	openTime: number;
	/** What came in this turn; before it, so many telegrams and refused frames had come. Null before the first. */
	heard: (Heard & { telegrams: number; refused: number }) | null;
	/** Starts to receive, as line number `at` of the board. Throws where the port does. */
	open(at: number): void;
}

/** A plug in which a meter is as a rule; or several, which send in turn. */
export interface Line {
	readonly wire: Wire;
	readonly requestPin: number | null;
	/** Null without a request pin, and until the wire is open. */
	request: Output | null;
	/** What is counted of the line. */
	readonly tally: Tally;
	/** The system title of the meter that is the line's own; null where none is known, and where there is one line. */
	title: string | null;
	/** When another line's meter was heard here last, monotonic milliseconds. */
	swappedTime: number;
	/** How the reader fares with this line. */
	readonly health: Meter;
	/** Milliseconds between two telegrams of one meter that this line reaches. */
	interval: number;
	/** A tag was found good here, now or before the boot: what has none sets no clock and takes no memory. */
	knowsTags: boolean;
	/** The store has that `automatic` asks for tags here. */
	keptRequired: boolean;
	/** Telegrams that the policy `automatic` had refused when it was looked last, and when that number rose, monotonic milliseconds. */
	refused: number;
	refusedTime: number;
	/** When the request for data is made again after it was taken back, or Infinity. */
	requestTime: number;
}

/** Everything that belongs to one meter. It is the meter's, not the line's: a plug that is swapped takes nothing along. */
export interface MeterLine {
	/** Its name in topics. */
	readonly name: string;
	/** The line on which it was heard last. */
	line: Line;
	/** Of its frames, upper-case hexadecimal; null while it sends in clear. */
	systemTitle: string | null;
	/** Its equipment identifier; null where it sends none. */
	equipment: string | null;
	/** A tag of it was found good since its owner set keys and policy: what has none counts for less. */
	isAuthenticated: boolean;
	/** Its slot in the store (`boot-record.ts`), or -1 where it has none. */
	slot: number;
	/** The frame counter that the store has, or -1, and the quarter hour in which it was written. */
	keptCounter: number;
	keptQuarter: number;
	/** The store has that `automatic` asks for its tag. */
	keptRequired: boolean;
	readonly freshness: Freshness;
	readonly plausibility: Plausibility;
	/** Null where each telegram is published. */
	readonly rate: Rate | null;
	/** The same for readings without a tag, which take no turn of the others; null before there is one. */
	unprovenRate: Rate | null;
	/** The power class account; null where it is switched off. */
	readonly account: Account | null;
	/** A telegram whose values go out topic by topic, and the one whose turn comes then. */
	values: ValuePass | null;
	nextValues: ValuePass | null;
	discovery: MeterDiscovery | null;
	/** Null where no page shows it. */
	latest: Latest | null;
	/** Its last telegram has no good tag, although it had one before. */
	isUnproven: boolean;
	/** When its first telegram and its last came, monotonic milliseconds. */
	readonly firstTelegram: number;
	lastTelegram: number;
	/** What its status topic says. */
	online: boolean;
	/** Messages of the outbox that had become too late when its last telegram came. */
	expired: number;
}

/** A telegram in layouts of many topics. */
export interface ValuePass {
	readonly source: LayoutSource;
	readonly layouts: readonly ValueLayout[];
	/** The layout that comes next. */
	at: number;
	/** What is left of the one before; null where that is nothing. */
	values: Values | null;
}

/** The two servers, where the settings ask for them and the board can have them. */
export interface Servers {
	/** In the order of the settings' ports. */
	readonly telegrams: readonly TelegramServer[];
	readonly web: WebServer | null;
	readonly openings: Opening[];
	/** How often one of them could not be opened, since the boot. */
	failures: number;
}

/** A listener or an announcement that the settings ask for. */
export interface Opening {
	/** What it is, for the log. */
	readonly name: string;
	readonly port: number;
	/** Null where the board has no such thing; throws where it fails now. */
	readonly open: (firmware: Firmware, port: number) => Listener | null;
	/** What an announcement is about; null for a listener. */
	readonly listener: Opening | null;
	/** Null while it is not open. */
	closable: Listener | null;
	/** A listener may need a while, a port that is in use for ever. */
	isOpen: boolean;
	/** When it is tried again, monotonic milliseconds. */
	retryTime: number;
}

/** A telegram on its way to what uses it. */
export interface Arrival {
	readonly meter: MeterLine;
	readonly telegram: Telegram;
	/** Its state message. */
	readonly state: Payload;
	/** Its number in the history; null while, or where, it is in none. */
	sequence: number | null;
	readonly now: number;
}

/** One input and what is made of it. */
export interface PulseLine {
	readonly settings: PulseSettings;
	readonly counter: Counter;
	readonly kept: KeptPlace;
	/** Null where it does not count the meter's light. */
	readonly calibration: Calibration | null;
	/** Null until it is open. */
	input: PulseInput | null;
	/** When it is opened, or tried again, while it is not open. */
	openTime: number;
	/** What was published last, and when. */
	told: CounterValues | null;
	toldTime: number;
	/** Whether the last look found pulses too fast. */
	isTooFast: boolean;
}

/** The radio and what it sends. */
export interface Lora {
	readonly sender: Sender;
	/** Null where nothing is acknowledged. */
	readonly late: LoraQuarters | null;
}

export interface Pulses {
	readonly lines: PulseLine[];
	/** One for all looks. */
	readonly sample: PulseSample;
	nextLook: number;
}
