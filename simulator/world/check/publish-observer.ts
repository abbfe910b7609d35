import type { MqttPublish } from "../../../modules/ports/mqtt.js";
import type { Publication } from "../network/contract.js";

/** Puts together what one MQTT client publishes, and tells of a message when the broker has it: at its acknowledgement, or with
 * quality 0 when it is written. */
export interface Witness {
	readonly onPublication: (publication: Publication) => void;
	/** Being written in parts. */
	parts: Uint8Array[];
	missing: number;
	options: MqttPublish | null;
	/** Written and not acknowledged, by packet identifier. */
	readonly flying: Map<number, Publication>;
}

export function createWitness(onPublication: (publication: Publication) => void): Witness {
	return { onPublication, parts: [], missing: 0, options: null, flying: new Map() };
}

/** The client wrote something: a message, a part of one (without options), or what is no message. `now` in microseconds. */
export function noteWrite(witness: Witness, options: object | null, bytes: Uint8Array, now: number): void {
	if (options !== null) {
		if ("operation" in options) return;
		witness.options = options as MqttPublish;
		witness.missing = witness.options.byteLength ?? bytes.length;
		witness.parts = [];
	}
	if (witness.options === null) return;
	witness.parts.push(bytes.slice());
	witness.missing -= bytes.length;
	if (witness.missing > 0) return;
	const { topic, QoS = 0, retain = false, id } = witness.options;
	const payload = Buffer.concat(witness.parts).toString();
	const publication = { topic, payload, quality: QoS, retain, sentAt: now, will: false };
	witness.options = null;
	if (QoS === 0) witness.onPublication(publication);
	else witness.flying.set(id, publication);
}

/** The broker acknowledged. */
export function noteAcknowledgement(witness: Witness, id: number | undefined): void {
	const publication = id === undefined ? undefined : witness.flying.get(id);
	if (publication === undefined) return;
	witness.flying.delete(id!);
	witness.onPublication(publication);
}
