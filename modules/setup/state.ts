/** The record of set-up, apart from what is done with it. It exists while set-up is open, and not otherwise. */
import type { Closable, Datagrams, FoundNetwork } from "../ports/ports.js";
import type { Change } from "../settings/apply.js";
import type { WebServer } from "../web/connection.js";
import type { EntryReason } from "./entry.js";
import type { SetUpHost } from "./host.js";
import type { TestRun } from "./test-run.js";

export interface SetUp {
	readonly reason: EntryReason;
	/**
	 * `dark`: the radio is off, for the supply's sake; `scanning`: it looks for networks; `open`: the access point is there; `ending`: it
	 * stays for a moment, so that a phone learns that all is done.
	 */
	stage: "dark" | "scanning" | "open" | "ending";
	/** When the stage ends at the latest, monotonic milliseconds. While it is open: without another request. */
	stageEnd: number;
	/** What is open for phones; null while it is not, or could not be opened. */
	accessPoint: Closable | null;
	names: Datagrams | null;
	listener: Closable | null;
	readonly web: WebServer;
	/** When what could not be opened is tried again. */
	openTime: number;
	/** In reach when they were looked for last, the strongest first. */
	networks: FoundNetwork[];
	/** Until when they are looked for at the latest, monotonic milliseconds; 0 while they are not. */
	scanEnd: number;
	/** Somebody wants them to be looked for again. */
	wantsScan: boolean;
	/** What was typed, the last of each name, and what is wrong with it. Secrets among it leave this record to the store only. */
	changes: readonly Change[];
	complaints: readonly (readonly [name: string, text: string])[];
	/** A token for the page is to be made although there is one. */
	wantsToken: boolean;
	/** Trying what was typed; null before, and while it is changed again. */
	run: TestRun | null;
	/** What the owner needs after all is kept; null before. */
	kept: Kept | null;
}

/** How to reach the page from now on. */
export interface Kept {
	/** `http://192.168.1.50/`, or with the name that the reader announces where the address is not known. */
	url: string;
	nameUrl: string;
	/** The token that was made; null where the one of before counts. */
	token: string | null;
}

/** Set-up while it is open. */
export interface OpenSetUp {
	readonly state: SetUp;
	readonly host: SetUpHost;
}
