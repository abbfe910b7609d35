/**
 * Starts the gateway as a Home Assistant add-on: out of the options that were filled in, and of the broker that the Supervisor knows, where
 * none was. Secrets go into a file that only the gateway's user can read, and into no log.
 */
import { execFileSync } from "node:child_process";
import { chownSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";

/** What the gateway's `--config` takes: without what is empty. Throws a sentence without a value. */
export function toConfig(options, broker) {
	const { device, adapter, ...rest } = options;
	const config = {};
	for (const [name, value] of Object.entries(rest)) if (value !== null && value !== "") config[name] = value;
	if (device && adapter) throw new Error("device and adapter are both set: only one of them");
	if (!device && !adapter) throw new Error("set device to the P1 cable, or adapter to tcp://HOST:PORT");
	config.port = device || adapter;
	if (config.broker === undefined && broker !== null) {
		config.broker = `mqtt${broker.ssl ? "s" : ""}://${broker.host}:${broker.port}`;
		if (broker.username) Object.assign(config, { user: broker.username, password: broker.password });
	}
	return config;
}

/** What the Supervisor says of Home Assistant's own broker; null where there is none. */
export async function askSupervisor({ SUPERVISOR_TOKEN: token, SUPERVISOR_URL: url = "http://supervisor" }) {
	if (token === undefined) return null;
	const answer = await fetch(`${url}/services/mqtt`, { headers: { Authorization: `Bearer ${token}` } });
	return answer.ok ? (await answer.json()).data : null;
}

/** Gives up root's rights for those of `user`, and of the group that may open `port`. */
function become(user, folder, port) {
	const number = option => Number(execFileSync("id", [option, user], { encoding: "utf8" }));
	const [own, group] = [number("-u"), number("-g")];
	for (const path of [folder, join(folder, "smarty.json")]) chownSync(path, own, group);
	const groups = [group];
	if (port.startsWith("/")) groups.push(statSync(port).gid);
	process.setgroups(groups);
	process.setgid(group);
	process.setuid(own);
}

async function main() {
	const data = process.env.ADDON_DATA ?? "/data";
	const options = JSON.parse(readFileSync(join(data, "options.json"), "utf8"));
	const config = toConfig(options, options.broker ? null : await askSupervisor(process.env));
	const folder = join(data, "smarty-xs");
	mkdirSync(folder, { recursive: true, mode: 0o700 });
	const file = join(folder, "smarty.json");
	writeFileSync(file, JSON.stringify({ memory: join(folder, "memory.json"), ...config }), { mode: 0o600 });
	if (process.env.ADDON_USER && process.getuid() === 0) become(process.env.ADDON_USER, folder, config.port);
	process.argv.splice(2, Infinity, "--config", file);
	await import(new URL("./gateway/main.ts", import.meta.url).href);
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
	try {
		await main();
	} catch (error) {
		process.stderr.write(`smarty-xs: ${error.message}\n`);
		process.exitCode = 2;
	}
}
