/** Entities of Home Assistant, for tests. */
import { registerEntity } from "../../modules/messages/homeassistant/entity.js";
import { registerIndex, registers } from "../../modules/p1/obis.js";

/** What Home Assistant is told of a register, without its template. */
export function describeRegister(name: string): Record<string, unknown> {
	const { val_tpl: _, ...rest } = JSON.parse(`{${registerEntity(registers[registerIndex(name)]!).body}}`);
	return rest;
}
