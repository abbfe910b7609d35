/** Sees what an MQTT client publishes, and reports a message when the broker has it. */

import type { MqttPublish } from "../../../modules/ports/mqtt.js";
import type { Publication } from "../network/contract.js";

/** Puts together what one MQTT client publishes, and tells of a message when the broker has it: at its acknowledgement, or with
 * quality 0 when it is written. */
export interface PublishObserver {
	readonly onPublication: (publication: Publication) => void;
	/** Being written in parts. */
	parts: Uint8Array[];
	missing: number;
	options: MqttPublish | null;
	/** Written and not acknowledged, by packet identifier. */
	readonly flying: Map<number, Publication>;
}

export function createPublishObserver(onPublication: (publication: Publication) => void): PublishObserver {
	return { onPublication, parts: [], missing: 0, options: null, flying: new Map() };
}

/** The client wrote something: a message, a part of one (without options), or what is no message. `now` in microseconds. */
export function noteWrite(observer: PublishObserver, options: object | null, bytes: Uint8Array, now: number): void {
	if (options !== null) {
		if ("operation" in options) return;
		observer.options = options as MqttPublish;
		observer.missing = observer.options.byteLength ?? bytes.length;
		observer.parts = [];
	}
	if (observer.options === null) return;
	observer.parts.push(bytes.slice());
	observer.missing -= bytes.length;
	if (observer.missing > 0) return;
	const { topic, QoS = 0, retain = false, id } = observer.options;
	const payload = Buffer.concat(observer.parts).toString();
	const publication = { topic, payload, quality: QoS, retain, sentAt: now, will: false };
	observer.options = null;
	if (QoS === 0) observer.onPublication(publication);
	else observer.flying.set(id, publication);
}

/** The broker acknowledged. */
export function noteAcknowledgement(observer: PublishObserver, id: number | undefined): void {
	const publication = id === undefined ? undefined : observer.flying.get(id);
	if (publication === undefined) return;
	observer.flying.delete(id!);
	observer.onPublication(publication);
}
