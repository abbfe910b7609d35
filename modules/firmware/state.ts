/** The record of the whole firmware, apart from what is done with it. */

import type { BootRecord } from "../health/boot-record.js";
import type { Light } from "../health/light.js";
import type { Log } from "../health/log.js";
import type { Meter } from "../health/meter.js";
import type { Recovery } from "../health/recovery.js";
import type { History } from "../history/history.js";
import type { Freshness } from "../meter/freshness.js";
import type { Reader } from "../p1/reader.js";
import type { Alarm, Closable, Ports, Uart } from "../ports/ports.js";
import type { CheckedSettings, RawSettings } from "../settings/settings.js";
import type { SettingsStorage } from "../settings/storage.js";
import type { Outbox } from "../uplink/outbox.js";
import type { Uplink } from "../uplink/state.js";
import type { WebServer } from "../web/connection.js";
import type { TelegramServer } from "../web/telegram-server.js";
import type { Integrations } from "./integrations.js";

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
	readonly reader: Reader;
	readonly meter: Meter;
	readonly light: Light;
	readonly recovery: Recovery;
	readonly history: History;
	readonly freshness: Freshness;
	readonly outbox: Outbox;
	readonly uplink: Uplink;
	readonly integrations: Integrations;
	readonly servers: Servers;
	uart: Uart | null;
	/** The next run, and when it is due. */
	alarm: Alarm | null;
	alarmTime: number;
	/** Exceptions caught since the boot. */
	exceptions: number;
	/** State messages that were too late for their topic up to the last telegram. */
	expired: number;
	nextExpire: number;
	nextDiagnostics: number;
	/** When the request for data is made again after it was taken back, or Infinity. */
	requestTime: number;
	/** When the device restarts, or Infinity. */
	restartTime: number;
}

/** The two servers, where the settings ask for them and the board can have them. */
export interface Servers {
	readonly telegrams: TelegramServer | null;
	readonly web: WebServer | null;
	/** What is open: listeners and announcements. */
	readonly open: Closable[];
	/** When to try again what could not be opened, monotonic milliseconds; Infinity when all is open. */
	retryTime: number;
}
