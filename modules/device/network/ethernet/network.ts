/** The network port: Ethernet on RMII. */
import config from "mc/config";
// biome-ignore lint/style/useNodejsImportProtocol: the SDK has a module of that name
import Net from "net";
import Timer from "timer";
import type { Guard } from "../../../ports/guard.js";
import type { Medium, Network } from "../../../ports/ports.js";

interface DriverOptions {
	/** Of the chip, or -1 to look for it. */
	phyAddress: number;
	mdcPin: number;
	mdioPin: number;
	/** Switches the oscillator or the chip on; -1 for none. */
	powerPin: number;
	/** Of the 50 MHz, which come in at 0, or go out at 0, 16 or 17. */
	clockPin: number;
	isClockOut: boolean;
	onChanged(): void;
}

/** `smartyEthernet.c`. Once in a program: the constructor throws for a second one. */
class EthernetDriver extends Native("smarty_ethernet_destructor") {
	constructor(options: DriverOptions) {
		super();
		native("smarty_ethernet_constructor").call(this, options);
	}
	/** Null without a link or an address. */
	getAddress(): string | null {
		return native("smarty_ethernet_get_address").call(this);
	}
	getMac(): string {
		return native("smarty_ethernet_get_mac").call(this);
	}
	/** Gives the address back, and asks for one. */
	renew(): void {
		native("smarty_ethernet_renew").call(this);
	}
}

export const medium: Medium = "ethernet";

/** So long the network is idle after `disconnect`, for the supervisor to see it. */
const settling = 500; // ms

/** The driver, which calls `tell` on itself. */
class EthernetNetwork extends EthernetDriver implements Network {
	readonly macAddress: string;
	private readonly guard: Guard;
	private readonly onChanged: () => void;
	private settlingTimer: ReturnType<typeof Timer.set> | undefined;

	constructor(guard: Guard, onChanged: () => void) {
		super({
			phyAddress: Number(config.phyAddress),
			mdcPin: Number(config.mdcPin),
			mdioPin: Number(config.mdioPin),
			powerPin: Number(config.powerPin),
			clockPin: Number(config.clockPin),
			isClockOut: config.clock === "out",
			onChanged: EthernetNetwork.prototype.tell,
		});
		this.guard = guard;
		this.onChanged = onChanged;
		this.macAddress = this.getMac();
	}

	tell(): void {
		this.guard(this.onChanged);
	}

	get medium(): Medium {
		return medium;
	}

	get state(): Network["state"] {
		return this.address === null ? "idle" : "ready";
	}

	get address(): string | null {
		return this.settlingTimer === undefined ? this.getAddress() : null;
	}

	get signalStrength(): null {
		return null;
	}

	get nameServers(): readonly string[] {
		// The resolver sends over IPv4 only.
		return (Net.get("DNS") ?? []).filter(address => address.indexOf(":") < 0);
	}

	connect(): void {}

	disconnect(): void {
		if (this.settlingTimer !== undefined) return;
		this.renew();
		this.settlingTimer = Timer.set(() => {
			this.settlingTimer = undefined;
			this.tell();
		}, settling);
	}
}

/** Starts the chip; a third of a second where it is switched on first. It connects by itself. Throws where no chip answers. */
export function openNetwork(guard: Guard, onChanged: () => void): Network {
	return new EthernetNetwork(guard, onChanged);
}
