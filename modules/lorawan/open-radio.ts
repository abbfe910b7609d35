/** Finds the board's radio. */
import type { SenderHost } from "./part-type.js";
import type { Radio } from "./radio.js";

export interface OpenRadio {
	readonly radio: Radio;
	/** An interrupt tells of events; else the radio has to be looked at. */
	readonly tells: boolean;
	close(): void;
}

/** `config` says which radio there is, at which pins. Throws where none answers there. */
export function openRadio(_ports: SenderHost["ports"], _config: SenderHost["config"], _onEvent: () => void): OpenRadio {
	throw new Error("this build names none");
}
