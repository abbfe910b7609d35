/** The rules of MQTT that the simulated broker checks. */

import type { IConnectPacket, IPublishPacket } from "mqtt-packet";

/** The rules of MQTT 3.1.1 that the firmware relies on, and those of ours. Each fault is a line with its clause. */

export function judgeConnect(packet: IConnectPacket): string[] {
	const faults: string[] = [];
	if (packet.protocolId !== "MQTT" || packet.protocolVersion !== 4)
		faults.push("CONNECT for another protocol (3.1.2.1)");
	if (packet.clientId === "") faults.push("CONNECT without an identifier");
	if (packet.password !== undefined && packet.username === undefined)
		faults.push("a password without a user (3.1.2.9)");
	if (!packet.keepalive) faults.push("no keep-alive: a half-open connection would stay for ever");
	if (packet.will && (/[+#]/.test(packet.will.topic) || packet.will.topic === ""))
		faults.push("a last will for no topic (4.7)");
	return faults;
}

/** Who only says hello, to see whether the broker answers, needs no last will. */
export function judgePublish({ topic, qos, dup }: IPublishPacket, hasWill: boolean): string[] {
	const faults: string[] = [];
	if (!hasWill) faults.push("no last will: nobody would know that the device is gone");
	if (topic === "" || /[+#\0]/.test(topic)) faults.push(`a publication for "${topic}" (3.3.2.1)`);
	if (qos === 0 && dup) faults.push("DUP with quality 0 (3.3.1.1)");
	if (qos === 2) faults.push("quality 2, which nothing here uses");
	return faults;
}

/** Of a packet (2.3.1). */
export function isIdentifier(id: number | undefined): boolean {
	return id !== undefined && id >= 1 && id <= 65_535;
}
