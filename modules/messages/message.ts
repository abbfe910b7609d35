import type { Payload } from "./chunks.js";

/** One MQTT message to be sent. */
export interface Message<Text = string> {
	topic: string;
	payload: Text;
	/** MQTT's quality of service. */
	quality: 0 | 1;
	retain: boolean;
}

/** Called once for each topic of a telegram. */
export type Emit = (topic: string, payload: Payload) => void;
