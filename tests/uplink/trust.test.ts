/** Whom the uplink trusts, what it waits for, and what it says of a broker's key. */
import { expect, test } from "vitest";
import { formatLine } from "../../modules/health/log.js";
import { authoritySlots, keepAuthority } from "../../modules/settings/authorities.js";
import { describeTls } from "../../modules/uplink/trust.js";
import { isOnline } from "../../modules/uplink/uplink.js";
import { createChance } from "../support/chance.js";
import { fakeKey } from "../support/fake-broker.js";
import { createRig, type Rig } from "../support/uplink-rig.js";
import { root } from "../tls/chains.js";

const now = 1_764_000_000_000;
const secure = { broker: "mqtts://broker" };
const pinned = { ...secure, brokerKey: fakeKey };

const lines = (rig: Rig) => rig.uplink.log.lines.map(line => formatLine(line).replace(/^\S+ /, ""));
const withAuthority = { readCertificates: (name: string) => (name === "authority" ? [root.der] : []) };
const tls = ({ uplink: { settings, broker } }: Rig) => describeTls(settings, broker.shownKey, broker.needsTime);

test("the client is told the pin and the authorities of settings, program and store, read when they are needed", () => {
	const rig = createRig(createChance(1), { ...pinned, authorities: "isrg-root-x1" }, "power on", null, {
		readCertificates: name => (name === "isrg-root-x1" ? [root.der] : []),
	});
	rig.world.clock.setTime(now);
	rig.world.clock.pass(4_000);
	const { trust } = rig.world.broker.connections[0]!.options;
	expect(trust!.pin).toEqual(new Uint8Array(32));
	expect(trust!.authorities()).toEqual([root.der]);
	keepAuthority(rig.world.store, 1, root.der);
	expect(trust!.authorities()).toEqual([root.der, root.der]);
	rig.world.store.write(authoritySlots[0]!, "no base64!");
	expect(trust!.authorities()).toBe("the authority in slot 1 is damaged; add it again");
});

test("without TLS nobody is asked about trust", () => {
	const rig = createRig(createChance(1));
	rig.world.clock.pass(4_000);
	expect(rig.world.broker.connections[0]!.options).not.toHaveProperty("trust");
	expect(tls(rig)).toBeNull();
});

test("a chain waits for the time, but not for ever, and then says that its dates were not checked", () => {
	const rig = createRig(createChance(6), secure, "power on", null, withAuthority);
	const { broker, clock } = rig.world;
	clock.pass(30_000);
	expect(broker.connections).toHaveLength(0);
	clock.setTime(now);
	clock.pass(2_000);
	expect(broker.connections[0]!.options).toMatchObject({ port: 8883, secure: true });
	expect(tls(rig)).toEqual({ key: fakeKey, verdict: "trusted", pinned: false, dates: "checked" });
	expect(lines(rig).at(-1)).toBe("broker: connected");
	const other = createRig(createChance(7), secure, "power on", null, withAuthority);
	other.world.clock.pass(64_000);
	expect(other.world.broker.connections).toHaveLength(1);
	expect(lines(other).at(-1)).toBe(
		"broker: connected; the dates of its certificate were not checked: nobody knows the time",
	);
	expect(tls(other)).toMatchObject({ dates: "unchecked" });
});

test("a pin alone waits for no time", () => {
	const rig = createRig(createChance(6), pinned);
	rig.world.clock.pass(4_000);
	expect(isOnline(rig.uplink)).toBe(true);
	expect(tls(rig)).toEqual({ key: fakeKey, verdict: "trusted", pinned: true, dates: "not needed" });
});

test("without pin and authority the key is shown, with what to type", () => {
	const rig = createRig(createChance(6), secure);
	const { broker, clock } = rig.world;
	broker.behaviour = "unknown";
	clock.pass(4_000);
	expect(rig.uplink.broker).toMatchObject({ refused: true, shownKey: { fingerprint: fakeKey, verdict: "unknown" } });
	expect(lines(rig).slice(-2)).toEqual([
		`broker: nobody knows ${fakeKey}`,
		`the broker shows a key; to keep it: set brokerKey ${fakeKey}`,
	]);
	// Then it cannot be reached any more: nothing new about its key.
	broker.behaviour = "nameless";
	clock.pass(45_000);
	expect(lines(rig).at(-1)).not.toContain("set brokerKey");
	expect(rig.uplink.broker.shownKey.fingerprint).toBe(fakeKey);
});

test("a key that is refused is known, and not advised", () => {
	const rig = createRig(createChance(6), pinned);
	rig.world.broker.behaviour = "distrusted";
	rig.world.clock.pass(4_000);
	expect(tls(rig)).toMatchObject({ key: fakeKey, verdict: "refused" });
	expect(lines(rig).join()).not.toContain("set brokerKey");
});

test("a key that is trusted stays known when the broker refuses the user", () => {
	const rig = createRig(createChance(6), pinned);
	rig.world.broker.behaviour = "refusing";
	rig.world.clock.pass(4_000);
	expect(tls(rig)).toMatchObject({ key: fakeKey, verdict: "trusted" });
	expect(rig.uplink.broker.refused).toBe(true);
});
