/** The check with the SDK, over TLS: which brokers the firmware trusts, and that all others get nothing. */
import { createHash, X509Certificate } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { formatPin } from "../../modules/tls/pin.js";
import {
	authorityExtensions,
	type Issued,
	issue,
	type Keys,
	makeEcKeys,
	makeRsaKeys,
	serverExtensions,
	toPem,
} from "../tls/certificates.js";
import { createGenuine, listAttacks } from "./attacks.js";
import { prepareStore, type Trust } from "./firmware-store.js";
import { startImpostor } from "./impostor.js";
import {
	type Certificates,
	type Child,
	createCertificates,
	openLine,
	startFirmware,
	startMosquitto,
	stop,
	waitUntil,
} from "./rig.js";
import { countAccepted, createSource, explain, introduce, type Stage } from "./scenarios.js";

const day = 86_400_000;

/** Files of a chain for mosquitto's configuration, whether genuine or not. */
function writeChain(folder: string, keys: Keys, chain: readonly Uint8Array[]): string[] {
	mkdirSync(folder, { recursive: true });
	const [certificates, key] = [join(folder, "chain.pem"), join(folder, "key.pem")];
	writeFileSync(certificates, chain.map(toPem).join(""));
	writeFileSync(key, keys.privateKey.export({ type: "pkcs8", format: "pem" }));
	return [`certfile ${certificates}`, `keyfile ${key}`];
}

const pinOf = (der: Uint8Array) =>
	formatPin(
		new Uint8Array(
			createHash("sha256")
				.update(new X509Certificate(der).publicKey.export({ type: "spki", format: "der" }))
				.digest(),
		),
	);

/** Brokers to be trusted and not, by authority and by pin; each firmware just started. */
export async function runTls(stage: Stage, trusted: Certificates): Promise<string[]> {
	const { folder } = stage;
	const other = createCertificates(join(folder, "other"), "localhost");
	const misnamed = createCertificates(join(folder, "misnamed"), "broker.example", trusted);
	const authority = new Uint8Array(readFileSync(trusted.authority));
	const own = new Uint8Array(new X509Certificate(readFileSync(join(trusted.folder, "server.pem"))).raw);
	const [pin, otherPin] = [pinOf(own), pinOf(authority)];
	const builtIn = { builtIn: "authority" };
	const report = [
		await trust(stage, "authority built in", builtIn, trusted.lines),
		await trust(stage, "authority built in, not sent", builtIn, trusted.leafOnly),
		await trust(stage, "authority in flash", { authority }, trusted.leafOnly),
		await trust(stage, "pin alone", { pin }, trusted.leafOnly),
		await trust(stage, "pin and authority", { pin, authority }, trusted.lines),
		...(await trustChains(stage)),
		await distrust(stage, "another authority", builtIn, other.lines, /not from the authority|signature is wrong/),
		await distrust(stage, "another name", builtIn, misnamed.lines, /another name/),
		await distrust(
			stage,
			"Let's Encrypt's roots alone",
			{ builtIn: "isrg-root-x1 isrg-root-x2" },
			trusted.lines,
			/not from the authority/,
		),
		await distrust(
			stage,
			"a root that is not in the image",
			{ builtIn: "isrg-root-x9" },
			trusted.lines,
			/no authority isrg-root-x9/,
		),
		await distrust(stage, "another key than the pinned one", { pin: otherPin }, trusted.lines, /another key .*sha256/),
		await distrust(
			stage,
			"pinned key, other authority",
			{ pin, builtIn: "isrg-root-x1" },
			trusted.lines,
			/not from the authority/,
		),
		await distrust(stage, "authority, other key", { pin: otherPin, authority }, trusted.lines, /another key/),
		await distrust(
			stage,
			"neither pin nor authority",
			{},
			trusted.lines,
			new RegExp(`set brokerKey ${pin.replace(/[+/]/g, "\\$&")}`),
		),
	];
	return report;
}

/** Chains as brokers of clouds have them. */
async function trustChains(stage: Stage): Promise<string[]> {
	const valid = { notBefore: Date.now() - day, notAfter: Date.now() + 20 * day };
	const top = issue({
		subject: "Top",
		keys: makeRsaKeys(4096),
		hash: "sha384",
		extensions: authorityExtensions(),
		...valid,
	});
	const middle = issue({
		subject: "Middle",
		keys: makeEcKeys("secp384r1"),
		issuer: top,
		extensions: authorityExtensions(0),
		...valid,
	});
	const leaf = (issuer: Issued, keys: Keys) =>
		issue({ subject: "Broker", keys, issuer, extensions: serverExtensions("localhost"), ...valid });
	const curves = leaf(middle, makeEcKeys("prime256v1"));
	const long = leaf(top, makeRsaKeys(4096));
	const try_ = (name: string, { keys }: Issued, chain: readonly Issued[]) => {
		const files = writeChain(
			join(stage.folder, "chain"),
			keys,
			chain.map(({ der }) => der),
		);
		return trust(stage, name, { authority: top.der }, files);
	};
	return [
		await try_("P-256 under P-384 under RSA-4096", curves, [curves, middle]),
		await try_("the same, the root sent", curves, [curves, middle, top]),
		await try_("RSA-4096 under RSA-4096", long, [long]),
	];
}

/** Servers of our own that attack: each ends in a refusal with nothing sent, and the firmware goes on. */
export async function runAttacks(stage: Stage): Promise<string[]> {
	const genuine = createGenuine();
	const attacks = listAttacks(genuine);
	for (const { name, answer, refusal } of attacks) {
		const impostor = await startImpostor(stage.port, answer);
		prepareStore(stage, { authority: genuine.root.der });
		const firmware = startFirmware(stage.host, stage.library, 120);
		try {
			await waitUntil(`a refusal: ${name}`, 30_000, () => findRefusal(firmware) !== undefined);
			const line = findRefusal(firmware)!;
			if (!refusal.test(line)) throw new Error(`${name}: refused with "${line}"`);
			await checkAlive(stage, firmware, name);
			if (impostor.types.some((type, at) => (at === 0 ? type !== 22 : type !== 21)))
				throw new Error(`${name}: was sent records of the types ${impostor.types.join()}`);
		} catch (error) {
			throw explain(error, firmware);
		} finally {
			await stop(firmware);
			await impostor.close();
		}
	}
	return [
		`${attacks.length} attacks: refused with their reasons, nothing sent but ClientHello and alerts, the firmware goes on`,
	];
}

const findRefusal = ({ lines }: Child) => lines.find(line => /\d broker: /.test(line));

/** It still answers over HTTP, was not restarted and has caught nothing. */
async function checkAlive({ webPort }: Stage, firmware: Child, name: string): Promise<void> {
	const { status } = await fetch(`http://127.0.0.1:${webPort}/nothing`, { signal: AbortSignal.timeout(5_000) });
	if (status !== 404 || firmware.process.exitCode !== null) throw new Error(`${name}: the firmware does not go on`);
	// There is no meter's line here.
	const complaint = firmware.lines.find(line => /exception/i.test(line) && !line.includes("exception in line"));
	if (complaint !== undefined) throw new Error(`${name}: ${complaint}`);
}

async function trust(stage: Stage, name: string, settings: Trust, files: readonly string[]): Promise<string> {
	prepareStore(stage, settings);
	const broker = await startMosquitto(stage.folder, stage.port, files);
	const line = await openLine(stage.folder);
	const started = Date.now();
	const firmware = startFirmware(stage.host, stage.library, 120);
	try {
		const source = createSource(3);
		await waitUntil(`${name}: the firmware is at the broker over TLS`, 30_000, () => countAccepted(broker) >= 1);
		const duration = (Date.now() - started) / 1000;
		await introduce(line, source, broker);
		for (let count = 0; count < 5; count += 1) {
			await line.send(source.next().bytes);
			await sleep(250);
		}
		const received = () => broker.lines.filter(text => /Received PUBLISH .*\/(state|history)/.test(text)).length;
		await waitUntil("6 telegrams over TLS", 10_000, () => received() >= 6);
		return `${name}: connected ${duration.toFixed(1)} s after the start, of which 2 s before the radio; 6 telegrams`;
	} catch (error) {
		throw explain(error, firmware);
	} finally {
		await stop(firmware);
		await line.close();
		await stop(broker);
	}
}

async function distrust(
	stage: Stage,
	name: string,
	settings: Trust,
	files: readonly string[],
	refusal: RegExp,
): Promise<string> {
	prepareStore(stage, settings);
	const broker = await startMosquitto(stage.folder, stage.port, files);
	const firmware = startFirmware(stage.host, stage.library, 120);
	try {
		const complaint = () => firmware.lines.find(text => refusal.test(text));
		await waitUntil(`${name}: a refusal`, 30_000, () => complaint() !== undefined);
		await sleep(8_000);
		await checkAlive(stage, firmware, name);
		if (broker.lines.some(text => /smarty-xs|owner/.test(text)))
			throw new Error(`${name}: the broker was told something`);
		const tries = broker.lines.filter(text => text.includes("New connection")).length;
		if (tries > 1) throw new Error(`${name}: tried ${tries} times in 8 s`);
		return `${name}: refused, tries in 8 s: ${tries}; "${complaint()!.slice(8)}"`;
	} catch (error) {
		throw explain(error, firmware);
	} finally {
		await stop(firmware);
		await stop(broker);
	}
}
