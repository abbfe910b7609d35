/** Tests of `modules/settings/console.ts`. */
import { beforeEach, expect, test } from "vitest";
import { type ConsoleContext, interpret } from "../../modules/settings/console.js";
import { findSetting, readConfiguration } from "../../modules/settings/settings.js";
import { openSettingsStorage } from "../../modules/settings/storage.js";
import { createFakeStore, type FakeStore } from "../support/fake-ports.js";

const key = "D491470F47126332B07D1923B3504188";
let store: FakeStore;
let context: ConsoleContext;
let restarts = 0;

beforeEach(() => {
	store = createFakeStore();
	restarts = 0;
	context = {
		storage: openSettingsStorage(store),
		store,
		built: readConfiguration({}),
		medium: "wifi",
		heap: null,
		readCertificates: undefined,
		paste: null,
		describeStatus: () => ["all well"],
		describeLog: () => ["it booted"],
		forgetLearnt() {},
		restart: () => void restarts++,
		askForSetUp: () => ["restarting"],
		random: () => 0,
		commandLora: () => [],
		tellPage: () => "http://192.168.1.50/",
		forget: name => [`forgets "${name}"`],
	};
});

function stored(name: string): string | null {
	return openSettingsStorage(store).values[findSetting(name)] ?? null;
}

test("a board is configured from nothing", () => {
	expect(interpret(context, "set wifi My home network ")[0]).toBe("wifi is set and kept; restart to use it");
	expect(interpret(context, "set wifipassword  two  spaces")[0]).toContain("wifiPassword is set and kept");
	expect(interpret(context, "SET broker mqtt://10.0.0.1")[0]).toContain("broker is set and kept");
	expect(interpret(context, `set key ${key}`)).toEqual(["key is set and kept; restart to use it"]);
	expect(stored("wifi")).toBe("My home network");
	expect(stored("wifiPassword")).toBe("two  spaces");
	expect(interpret(context, "restart")).toEqual(["restarting"]);
	expect(restarts).toBe(1);
});

test("a token is made, kept and shown once, with the address of the page that takes it", () => {
	expect(interpret(context, "token new")).toEqual([
		"webToken is now aaaa-aaaa-aaaa-aaaa",
		"this is the only time that it is shown; restart to use it",
		"then the page is at http://192.168.1.50/#token=aaaa-aaaa-aaaa-aaaa",
	]);
	expect(stored("webToken")).toBe("aaaa-aaaa-aaaa-aaaa");
	expect(interpret(context, "show").join("\n")).not.toContain("aaaa");
	expect(interpret(context, "token")).toEqual(["token new makes one"]);
});

test("set-up is asked for by its name", () => {
	expect(interpret(context, "setup")).toEqual(["restarting"]);
});

test("a meter or a reader is forgotten by its name, blanks included", () => {
	expect(interpret(context, "forget SAG1030700114004")).toEqual(['forgets "SAG1030700114004"']);
	expect(interpret(context, "FORGET  my  meter ")).toEqual(['forgets "my meter"']);
	expect(interpret(context, "forget")).toEqual(['forgets ""']);
});

test("what is still to do is said after every setting", () => {
	expect(interpret(context, "set wifi home").join()).toContain("broker is not set");
});

test("a wrong value is refused with its reason, and what was there stays", () => {
	interpret(context, `set key ${key}`);
	expect(interpret(context, `set key ${key.slice(1)}`)[0]).toContain("31 hexadecimal digits");
	expect(stored("key")).toBe(key);
	expect(interpret(context, "set wifi")[0]).toContain("wifi is empty");
	expect(interpret(context, "set nothing 1")[0]).toContain("no setting has that name");
	expect(interpret(context, "set")[0]).toContain("no setting has that name");
	expect(store.writes).toBe(1);
});

test("a word is kept as the firmware has it", () => {
	expect(interpret(context, "set authentication Required")[0]).toContain("authentication is set and kept");
	expect(stored("authentication")).toBe("required");
	expect(interpret(context, "set Authentication REQUIRED")[0]).toContain("it was so before");
});

test("unset takes away, and nothing is written twice", () => {
	interpret(context, "set user me");
	expect(interpret(context, "set user me")[0]).toContain("it was so before");
	expect(store.writes).toBe(1);
	expect(interpret(context, "unset user")[0]).toBe("user is not set; restart to use it");
	expect(stored("user")).toBeNull();
	expect(interpret(context, "unset user")[0]).toContain("it was so before");
	expect(store.writes).toBe(2);
});

test("unset says that the build's value counts again", () => {
	context.built = readConfiguration({ user: "bench" });
	expect(interpret(context, "unset user")[0]).toBe("user is not set here; the build's value counts; it was so before");
	interpret(context, "set user me");
	expect(interpret(context, "unset user")[0]).toBe("user is not set here; the build's value counts; restart to use it");
	expect(stored("user")).toBeNull();
});

test("a store that fails is told of, and the old settings stay", () => {
	interpret(context, "set user me");
	store.cut = { at: 2, leaves: "none" };
	expect(interpret(context, "set user you")[0]).toContain("not kept");
	expect(stored("user")).toBe("me");
});

test("show has every value but the secret ones, and where it comes from", () => {
	context.built = readConfiguration({ broker: "mqtt://10.0.0.9", password: "hush-hush" });
	interpret(context, "set user me");
	const lines = interpret(context, "show");
	expect(lines).toContain("broker            mqtt://10.0.0.9 (from the build)");
	expect(lines).toContain("password          set (from the build)");
	expect(lines).toContain("user              me");
	expect(lines).toContain("key               not set");
	expect(lines).toContain("authenticationKey not set");
	expect(lines).toContain("base              smarty");
	expect(lines.some(line => line.startsWith("wifi is not set"))).toBe(true);
});

test("no line of any command holds a secret", () => {
	const secrets = {
		wifipassword: "Sesame-open",
		password: "Rumpelstilz",
		user: "x",
		key,
		authenticationkey: `${key.slice(1)}0`,
	};
	const lines: string[] = [];
	for (const [name, value] of Object.entries(secrets)) lines.push(...interpret(context, `set ${name} ${value}`));
	for (const [name, value] of Object.entries(secrets)) lines.push(...interpret(context, `set ${name} ${value}`));
	lines.push(...interpret(context, key), ...interpret(context, `set ${key}`), ...interpret(context, `set key${key}`));
	for (const command of ["show", "help", "?", "status", "log", "unset key", "", "   "]) {
		lines.push(...interpret(context, command));
	}
	expect(lines.length).toBeGreaterThan(40);
	for (const line of lines) {
		for (const secret of [secrets.wifipassword, secrets.password, key, key.slice(1)])
			expect(line).not.toContain(secret);
	}
});

test("help names each command and each setting", () => {
	const lines = interpret(context, "help").join("\n");
	for (const word of ["set NAME", "unset", "show", "status", "log", "restart", "wifiPassword", "requestPin"]) {
		expect(lines).toContain(word);
	}
	expect(interpret(context, "status")).toEqual(["all well"]);
	expect(interpret(context, "log")).toEqual(["it booted"]);
	expect(interpret(context, "dance")).toEqual(["unknown command; help lists them all"]);
});
