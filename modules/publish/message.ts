/** One MQTT message to be sent. */
export interface Message<Payload = string> {
	topic: string;
	payload: Payload;
	/** MQTT's quality of service. */
	quality: 0 | 1;
	retain: boolean;
}

/** Called once for each topic of a telegram. */
export type Emit = (topic: string, payload: string) => void;
