/** What the broker port and its socket know of one connection. */
import type { MqttError } from "../ports/mqtt.js";
import type { Trust, TrustedBroker } from "../ports/tls.js";

/** What the socket and the broker port tell each other: the MQTT client between them passes neither reasons nor codes on. */
export interface Connection {
	readonly secure: boolean;
	readonly trust: Trust | undefined;
	/** The name that the certificate must have; the client's own is the resolver's, which makes an address of `localhost`. */
	readonly host: string;
	/** Set by the port: the name is resolved too late, nobody wants the connection any more. */
	abandoned: boolean;
	resolved: boolean;
	/** Why it ended; the first reason stays. */
	failure: MqttError | null;
	onResolved(): void;
	onSecured(broker: TrustedBroker): void;
}

/** MQTT 3.1.1 table 3.1. */
export const refusals = Object.freeze([
	"",
	"the broker does not speak MQTT 3.1.1",
	"the broker refuses this client identifier",
	"the broker is not available",
	"wrong user or password",
	"not authorized: user or password",
]);
