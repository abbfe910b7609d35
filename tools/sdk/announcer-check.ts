/** The board's announcer over the SDK's own DNS-SD module: what others in the network hear. */

import type { Answer, Packet } from "dns-packet";
import { loadAnnouncer } from "./announcer.js";
import type { ModuleFiles } from "./exports.js";

const name = "smarty-xs-A1b2";
const host = "smarty-xs-a1b2.local";
const services = [
	{ name, type: "_http._tcp", port: 80, text: { path: "/state" } },
	{ name, type: "_hwenergy._tcp", port: 80, text: { path: "/api/v1", product_name: "P1 meter (smarty-xs)" } },
] as const;

/** What is not as it should be, one line each. */
export async function checkAnnouncer(files: ModuleFiles): Promise<string[]> {
	const { announce, world, exceptions } = await loadAnnouncer(files, {});
	const complaints: string[] = [];
	const opened = services.map(service => announce(service));
	world.pass(3_000);
	complaints.push(...services.flatMap(service => findMissing(service, world.sent)));
	world.sent.length = 0;
	world.receive({ type: "query", questions: [{ type: "PTR", name: "_hwenergy._tcp.local" }] });
	complaints.push(...findMissing(services[1], world.sent).map(what => `asked: ${what}`));
	world.sent.length = 0;
	for (const service of opened) service.close();
	const gone = listAnswers(world.sent).filter(answer => answer.type === "PTR" && "ttl" in answer && answer.ttl === 0);
	if (gone.length < services.length) complaints.push("no goodbye");
	if (world.open.count > 0) complaints.push("the socket stays open");
	return [...complaints, ...exceptions.map(String)];
}

function listAnswers(packets: readonly Packet[]): Answer[] {
	return packets.flatMap(({ type, answers = [] }) => (type === "response" ? answers : []));
}

/** The four records by which a client finds a service, with an answer's lifetime. */
function findMissing({ type, port, text }: (typeof services)[number], packets: readonly Packet[]): string[] {
	const wanted = [
		`PTR ${type}.local ${name}.${type}.local`,
		`SRV ${name}.${type}.local ${host}:${port}`,
		`TXT ${name}.${type}.local ${Object.entries(text).map(pair => pair.join("="))}`,
		`A ${host} 192.0.2.7`,
	];
	const heard = listAnswers(packets).filter(answer => !("ttl" in answer) || answer.ttl !== 0);
	const lines = heard.map(describeAnswer);
	return wanted.filter(line => !lines.includes(line)).map(line => `missing: ${line}`);
}

function describeAnswer(answer: Answer): string {
	if (answer.type === "SRV") return `SRV ${answer.name} ${answer.data.target}:${answer.data.port}`;
	return `${answer.type} ${answer.name} ${"data" in answer ? String(answer.data) : ""}`;
}
