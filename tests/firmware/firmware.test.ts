import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { createFirmware, startFirmware } from "../../modules/firmware/firmware.js";
import { createChance } from "../support/chance.js";
import { createFakeWorld } from "../support/fake-ports.js";

const vector = JSON.parse(readFileSync(new URL("../vectors/luxembourg-2018.json", import.meta.url), "utf8"));
const frame = Uint8Array.from(Buffer.from(vector.frame, "hex"));
const config = { wifi: "home", wifiPassword: "12345678", broker: "mqtt://10.0.0.1", key: vector.key };

test("a real frame on the line becomes a state message at the broker", () => {
	const world = createFakeWorld(createChance(1));
	const firmware = createFirmware(config, world.ports);
	startFirmware(firmware);
	world.clock.pass(10_000);
	world.receive(frame, frame.length, null);
	world.clock.pass(10_000);
	const states = world.broker.received.filter(message => message.topic === "smarty/SAG1030700114004/state");
	expect(states).toHaveLength(1);
	expect(JSON.parse(states[0]!.payload)).toMatchObject({ verdict: "authenticated", active_energy_import: 6.695 });
	expect(world.broker.retained.get("smarty/SAG1030700114004/status")).toBe("online");
	expect([...world.broker.violations, ...world.network.violations]).toEqual([]);
	expect(firmware.exceptions).toBe(0);
});
