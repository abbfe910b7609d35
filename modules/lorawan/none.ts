/** `lorawan` in an image for a board without a LoRa radio: nothing. */
import type { LorawanPart } from "./part-type.js";

export const lorawan: LorawanPart | null = null;
