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

/** Starts the chip; a third of a second where it is switched on first. It connects by itself. Throws where no chip answers. */
export function openNetwork(guard: Guard, onChanged: () => void): Network {
	let settlingTimer: ReturnType<typeof Timer.set> | undefined;
	const driver = new EthernetDriver({
		phyAddress: Number(config.phyAddress),
		mdcPin: Number(config.mdcPin),
		mdioPin: Number(config.mdioPin),
		powerPin: Number(config.powerPin),
		clockPin: Number(config.clockPin),
		isClockOut: config.clock === "out",
		onChanged: () => void guard(onChanged),
	});
	const macAddress = driver.getMac();
	const getAddress = () => (settlingTimer === undefined ? driver.getAddress() : null);
	return {
		medium,
		get state() {
			return getAddress() === null ? "idle" : "ready";
		},
		get address() {
			return getAddress();
		},
		signalStrength: null,
		macAddress,
		get nameServers() {
			// The resolver sends over IPv4 only.
			return (Net.get("DNS") ?? []).filter(address => address.indexOf(":") < 0);
		},
		connect() {},
		disconnect() {
			if (settlingTimer !== undefined) return;
			driver.renew();
			settlingTimer = Timer.set(() => {
				settlingTimer = undefined;
				guard(onChanged);
			}, settling);
		},
	};
}
