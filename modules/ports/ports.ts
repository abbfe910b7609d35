/** What the firmware asks of a platform. */
import type { CreateMqttClient } from "./mqtt.js";
import type { Program } from "./program.js";

/**
 * What the firmware needs from the world around it. `modules/device/` gives it on the ESP32, `simulator/` in the virtual world
 * and on a PC. A port copies bytes and forwards events; it decides nothing, and it never calls the firmware from within a
 * call of the firmware, unless its comment says so.
 *
 * What is written here as a method may need its object, on the board: it is called on that, never taken off. What is written as a
 * property is a function that may be handed on.
 */
export interface Ports {
	clock: Clock;
	device: Device;
	/** A number from 0 up to, and without, 1. */
	random: () => number;
	/** Text as UTF-8. `ArrayBuffer.fromString` on XS, `TextEncoder` on Node: native, because telegrams are long. */
	encode: (text: string) => Uint8Array;
	/** The bytes from `start` to `end` as text, or null where they are not ASCII. Likewise native. */
	decode: (bytes: Uint8Array, start: number, end: number) => string | null;
	store: Store;
	/** Flash for the history, or null where the board has none. */
	flash: Flash | null;
	setLight(on: boolean): void;
	/** Starts to receive on a line. Throws on a pin or port that cannot be. Called once for each line after each boot. */
	openUart(options: UartOptions, onReceive: OnReceive): Uart;
	/** Counts the edges of a pin from now on. Throws on a pin that cannot be, and where there is no counter left. Absent where nothing counts. */
	openPulses?(options: PulseOptions): PulseInput;
	/** Numbers that survive a restart and no loss of power. Absent where nothing does. */
	readonly retained?: Retained;
	/**
	 * Sends one datagram to a host, by name or address, and hands over what comes back from there, never within this call, until it is
	 * closed. What is lost or cannot be sent is not told. Absent where there is no UDP. Throws where there is no memory.
	 */
	askByDatagram?(question: DatagramQuestion, onAnswer: OnDatagram): Closable;
	/** An output that is low until something is written: a meter's data request. Throws on a pin that cannot be. */
	openOutput(pin: number): Output;
	/** An SPI bus in mode 0. Throws on pins that cannot be. Absent where there is none. */
	openSpi?(options: SpiOptions): Spi;
	/** An input; `onRise` is told of rising edges, several at once where the firmware was busy. Throws on a pin that cannot be. */
	openInput?(pin: number, onRise: (() => void) | null): Input;
	/** What the network goes over. Known before it is opened, because settings are checked by it. */
	readonly medium: Medium;
	/** Starts the network; with WiFi this switches the radio on, which is when it draws current. `onChanged`: a property is new. */
	openNetwork(onChanged: () => void): Network;
	createMqttClient: CreateMqttClient;
	/** Certificates of authorities in DER that the program brings under a name; empty where it has none. Absent: it has none at all. */
	readCertificates?: (name: string) => readonly Uint8Array[];
	/** A file that the program brings, where it lies in flash: its bytes take no memory and cannot be written. Null, or absent: there is none. */
	readResource?(name: string): Uint8Array | null;
	/**
	 * Lines from the serial console without their end, at most 256 bytes of UTF-8. The port drops longer ones. `onPacket` gets what a
	 * program at the other end sends between the lines (`setup/packets.ts`); where there is no such end it is never called.
	 */
	openConsole(onLine: (line: string) => void, onPacket: OnPacket): Console;
	/** AES-128-GCM of the platform's own for a key of 16 bytes. Absent: the firmware brings its own, in plain code. */
	createCipher?: (key: Uint8Array) => Cipher;
	/** Takes TCP connections. Absent where there can be no servers; throws when the port cannot be had. */
	openListener?(port: number, admit: Admit): Listener;
	/**
	 * Calls a TCP port in the house, and asks the network's `nameServers` for the name of its host. `onWritable` comes first: the connection
	 * stands. Absent where nobody is called. Never throws; what fails is an end.
	 */
	dial?(host: string, port: number, nameServers: readonly string[], events: StreamEvents): Stream;
	/** The program in flash; absent where it is not the firmware that replaces it. */
	readonly program?: Program;
	/** Makes a service known with DNS-SD over mDNS, until it is closed. Absent where that cannot be. */
	announce?(service: Service): Closable;
	/** Opens the reader's own access point beside the network, which must be open. Absent where there is none; throws where it fails. */
	openAccessPoint?(options: AccessPointOptions): Closable;
	/** UDP at a port of every address of the reader. Absent where there is none; throws when the port cannot be had. */
	openDatagrams?(port: number, onDatagram: OnDatagramFrom): Datagrams;
}

export interface AccessPointOptions {
	/** At most 32 bytes. */
	name: string;
	/** 8 to 63 bytes. */
	password: string;
	/** Where clients find the portal (RFC 8910, DHCP option 114). */
	portal: string;
}

/** `bytes` are valid during this call only. `address` and `port` are the sender's. */
export type OnDatagramFrom = (bytes: Uint8Array, address: string, port: number) => void;

export interface Datagrams extends Closable {
	/** Never throws: what cannot be sent is lost, as datagrams are. */
	send(bytes: Uint8Array, address: string, port: number): void;
}

/** A packet of Improv (`setup/packets.ts`): its type, and its data, which the receiver may keep; null where it was damaged. */
export type OnPacket = (type: number, data: Uint8Array | null) => void;

export interface Cipher {
	/**
	 * Decrypts `bytes` from `start` to `end` in place if the `tagLength` bytes (12 to 16) after `end` are the tag of them and of
	 * `additional`, and says whether they were. Nothing is changed before the tag has matched, and nothing of the text is left anywhere else.
	 */
	open(
		nonce: Uint8Array,
		additional: Uint8Array,
		bytes: Uint8Array,
		start: number,
		end: number,
		tagLength: number,
	): boolean;
	/** Encrypts or decrypts `bytes` from `start` to `end` in place, without authentication. */
	applyKeystream(nonce: Uint8Array, bytes: Uint8Array, start: number, end: number): void;
}

export interface Closable {
	close(): void;
}

export interface Listener extends Closable {
	/** Absent where connections are taken from now on. Else `onOpen` is called once they are, and not within this call. */
	whenOpen?(onOpen: () => void): void;
}

/** One accepted TCP connection. No event is told within a call of the stream. */
export interface Stream {
	/** The client's address, where the platform tells it. */
	readonly remote?: string;
	/** Bytes that were handed over and that the other side has not confirmed, where the platform keeps a copy of them in scarce memory. */
	readonly pending?: number;
	/** Hands over as many bytes as there is room for, and tells how many those were; afterwards `bytes` may change. Never throws. */
	write(bytes: Uint8Array, start: number, end: number): number;
	/** Sends what was handed over and ends the connection. No event follows. Also from within an event, and more than once. */
	close(): void;
}

/** What becomes of a stream. */
export interface StreamEvents {
	/** `bytes` from 0 to `count` came, valid during this call. */
	onData(bytes: Uint8Array, count: number): void;
	/** There is room again. */
	onWritable(): void;
	/** The connection is gone. */
	onEnd(): void;
}

/**
 * Takes a new connection; null closes it at once. Not called within `openListener`. `accept` gives its stream, for which memory is
 * taken only then: it is called once, by who has room for the connection. It throws where there is no memory.
 */
export type Admit = (accept: () => Stream) => StreamEvents | null;

export interface Service {
	/** For people, unique in the network: `smarty-xs-a0b1c2d3e4f5`. */
	name: string;
	/** `_http._tcp` */
	type: string;
	port: number;
	/** Pairs of the TXT record. */
	text: Readonly<Record<string, string>>;
}

export interface Clock {
	/** Milliseconds since boot: whole, never steps back, does not wrap. */
	now(): number;
	/** UTC in milliseconds, or null while nobody knows it. */
	time(): number | null;
	/** The wall clock is right by itself, and `setTime` does nothing. Absent: it is what it was set to. */
	readonly isRight?: boolean;
	/** Sets the wall clock (UTC in milliseconds), which TLS needs to judge certificates. */
	setTime(time: number): void;
	/** Calls `onAlarm` once, `delay` milliseconds from now or later, and never from within this call. Never throws. */
	setAlarm(delay: number, onAlarm: () => void): Alarm;
	/** An alarm that has rung or is cancelled already is ignored. */
	cancelAlarm(alarm: Alarm): void;
}

/** Whatever the clock uses to know an alarm again. */
export type Alarm = object;

export interface Device {
	/** Why it booted, in words: `power on`, `brown-out`, `task watchdog`, `panic`, `restart`… */
	readonly resetReason: string;
	/** Name and version of the firmware for people: `smarty-xs 0.1.0`. */
	readonly version: string;
	readonly capacity: Capacity;
	/** The chip's own address, 12 hexadecimal digits, without a network. Absent where there is none. */
	readMac?(): string;
	/** What memory there is, or null where that means nothing. */
	readMemory(): DeviceMemory | null;
	/** Restarts from the beginning. May return; what comes after it does not count. */
	restart(): void;
}

/** How much the device can hold. */
export interface Capacity {
	/** TCP connections that each server may hold at a time. */
	readonly connections: number;
	/** The program's own heap; null where it has what it needs. */
	readonly heap: HeapPools | null;
}

/** A heap of two pools that do not grow. */
export interface HeapPools {
	/** Of 16 bytes. */
	readonly slots: number;
	/** Bytes. */
	readonly chunks: number;
}

/** Memory of the whole device: beside the program's heap, for the network and the drivers. All in bytes but the count. */
export interface DeviceMemory {
	readonly free: number;
	/** The least that was ever free since the boot. */
	readonly least: number;
	/** The largest piece that could be had now. */
	readonly largestBlock: number;
	/** The least that the program's native stack ever had left. */
	readonly stackLeft: number;
	/** Allocations that failed since the boot, whoever asked. */
	readonly failures: number;
}

/** Small values by name (at most 15 characters), kept over restarts. The power may be cut in every `write`: then the old
 * value, the new one or none at all is found. */
export interface Store {
	/** Null when there is none, or when it cannot be read. */
	read(name: string): string | null;
	/** At most 3 900 bytes of UTF-8. Throws when it cannot be written. */
	write(name: string, value: string): void;
	remove(name: string): void;
}

/** Raw flash, whole sectors erased to 0xFF, bits written only from 1 to 0. The power may be cut in every write (then any
 * part of its bytes is there) and in every erase (then the sector holds anything). Offsets and lengths are multiples of 4. */
export interface Flash {
	readonly sectorCount: number;
	/** Bytes, 4096. */
	readonly sectorSize: number;
	read(offset: number, into: Uint8Array): void;
	write(offset: number, bytes: Uint8Array): void;
	erase(sector: number): void;
}

export interface UartOptions {
	/** Which of the board's lines, from 0. The ESP32's third is the console's UART, which hears nothing from then on. */
	line: number;
	/** GPIO of the data line. */
	receivePin: number;
	/** True for a line that is low at rest, as the meter's open collector with one pull-up is. */
	invert: boolean;
}

/** What went wrong on the line since the last delivery, as counts. A line that stays in a break is told once. */
export interface LineConditions {
	breaks: number;
	framingErrors: number;
	/** The hardware's FIFO was not emptied in time. */
	fifoOverflows: number;
	/** The driver's ring was not read in time. */
	ringOverflows: number;
}

/** `bytes` from 0 to `count` are new and valid during this call only. `conditions` is null when all was well, and comes
 * with a count of 0 when there is nothing but conditions to tell. A count of 0 without them: the port's buffer was read, and
 * nothing was in it. */
export type OnReceive = (bytes: Uint8Array, count: number, conditions: LineConditions | null) => void;

/** A pin that is high or low. */
export interface Output {
	write(on: boolean): void;
	/** Gives the pin back; it is an input then. Absent where nobody does. */
	close?(): void;
}

export interface Uart {
	/** Reads what came in and is not handed over yet. `onReceive` follows, also where there is nothing, and not within this call. */
	look(): void;
}

export interface SpiOptions {
	/** GPIOs. */
	clock: number;
	/** From the board to the chip, and back. */
	out: number;
	in: number;
}

export interface Spi extends Closable {
	/** Sends `bytes` from 0 to `length` and puts in their place what came. The chip is selected by an output of its own. */
	transfer(bytes: Uint8Array, length: number): void;
}

export interface Input extends Closable {
	read(): boolean;
}

export interface PulseOptions {
	/** GPIO. */
	pin: number;
	/** True where a pulse begins with a rising edge, which is what is counted then. */
	rising: boolean;
	/**
	 * For a contact that bounces: an edge so soon after one that counts is none, in milliseconds. 0 counts all by hardware, also while
	 * the flash is written; else an interrupt counts, which waits for that and may miss some of several edges meanwhile.
	 */
	pause: number;
}

/** What came since the last look. Times are microseconds since the input was opened. */
export interface PulseSample {
	count: number;
	/** Of the first and the newest of them; means nothing where `count` is 0. */
	first: number;
	newest: number;
	/** The time of this look. */
	now: number;
}

export interface PulseInput extends Closable {
	/** At least once in 90 s; faster where more than 32 766 pulses could come in between. */
	take(into: PulseSample): void;
}

/** Each place keeps one number, whole and from 0 to 2^53 - 1, under a tag that says what it is of. */
export interface Retained {
	/** Null where nothing whole is there, or something of another tag. `place` is 0 to 3, `tag` 32 bits. */
	read(place: number, tag: number): number | null;
	write(place: number, tag: number, value: number): void;
}

export interface DatagramQuestion {
	readonly host: string;
	readonly port: number;
	/** Addresses of servers that know names. */
	readonly nameServers: readonly string[];
	readonly bytes: Uint8Array;
}

/** `bytes` from 0 to `count`, valid during this call. */
export type OnDatagram = (bytes: Uint8Array, count: number) => void;

/** `host` is a computer's own network, which is there before the program. */
export type Medium = "wifi" | "ethernet" | "host";

/**
 * `ready` is with an address. After a loss the network returns to `idle`.
 *
 * WiFi stays `idle` until it is told to connect. Every other medium connects by itself and is never told to; it says only `ready`
 * or `idle`, and is `idle` for a moment after `disconnect`, which asks for a new address. With other states, or without that
 * moment, the supervisor waits for ever.
 */
export interface Network {
	readonly medium: Medium;
	readonly state: "idle" | "connecting" | "associated" | "ready";
	readonly address: string | null;
	/** Received signal strength in dBm; null without a connection, and with a medium that has none. */
	readonly signalStrength: number | null;
	/** Twelve hexadecimal digits in lower case. */
	readonly macAddress: string;
	readonly nameServers: readonly string[];
	/** Why the last try or connection ended: reasons of IEEE 802.11, and from 200 on ESP-IDF's. Null or absent: nobody knows. */
	readonly reason?: number | null;
	/** Looks for networks, some 2 s on all channels; only from `idle`. Absent where there is nothing to look for; throws where it fails. */
	scan?(onFound: (found: FoundNetwork) => void, onDone: () => void): void;
	/** WiFi only: one try with a scan of all channels. Only from `idle`; throws otherwise. */
	connect(options: { name: string; password: string }): void;
	/** Gives up a try or a connection; `idle` follows. Never throws. */
	disconnect(): void;
}

/** A network in reach. */
export interface FoundNetwork {
	/** Empty where it is hidden; may be found several times. */
	readonly name: string;
	/** dBm */
	readonly strength: number;
	/** No password is needed. */
	readonly isOpen: boolean;
}

export interface Console {
	/** One line without its end. */
	write(line: string): void;
	/** Bytes as they are. Absent where nobody sends packets. */
	send?(bytes: Uint8Array): void;
}
