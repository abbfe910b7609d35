/** A lock against a second gateway with the same memory file. */
import { randomBytes } from "node:crypto";
import { closeSync, linkSync, lstatSync, openSync, renameSync, unlinkSync } from "node:fs";
import { connect, createServer, type Server } from "node:net";
import { basename, dirname, join } from "node:path";
import { codeOf, makeFolder } from "./files.js";

/**
 * The lock is a socket beside the file, on which its owner listens. Who is connected to it knows that the owner lives; with the process
 * the kernel takes away what listens, whatever ended it, so that a lock that was left behind is told from one that is held, without
 * process numbers, which come again. It works between containers that share a folder, too.
 */
export interface Lock {
	release(): void;
}

/** A socket's name has at most 107 bytes on Linux. */
const longestName = 100;
const tries = 3;

/** The lock; `taken` where another gateway has it; or why there can be none, which is no reason not to run. */
export async function takeLock(path: string): Promise<Lock | "taken" | { reason: string }> {
	if (process.platform === "win32") return { reason: "there are no locks on Windows" };
	let folder: number;
	try {
		makeFolder(dirname(path));
		folder = openSync(dirname(path), "r");
	} catch (error) {
		return { reason: codeOf(error) };
	}
	const isLong = Buffer.byteLength(path) + 20 > longestName && process.platform === "linux";
	const base = isLong ? `/proc/self/fd/${folder}` : dirname(path);
	const own = join(base, `.${randomBytes(6).toString("hex")}.lock`);
	const name = join(base, basename(path));
	try {
		const server = await listen(own);
		if (await placeLock(own, name)) {
			const { ino } = lstatSync(name);
			unlinkSync(own);
			return { release: () => releaseLock(server, name, ino, folder) };
		}
		server.close();
		closeSync(folder);
		return "taken";
	} catch (error) {
		closeSync(folder);
		return { reason: codeOf(error) };
	}
}

function listen(path: string): Promise<Server> {
	return new Promise((resolve, reject) => {
		const server = createServer(socket => socket.destroy());
		server.on("error", reject);
		server.listen(path, () => resolve(server.unref()));
	});
}

/** Gives the socket the lock's name, which only one can have. One that was left behind is taken away before. */
async function placeLock(own: string, name: string): Promise<boolean> {
	for (let count = 0; count < tries; count += 1) {
		try {
			linkSync(own, name);
			return true;
		} catch (error) {
			if (codeOf(error) !== "EEXIST") throw error;
		}
		const there = lstatSync(name, { throwIfNoEntry: false });
		if (there === undefined) continue;
		if (!there.isSocket()) throw new Error(`${basename(name)} is no lock of smarty-xs`);
		if (await isAlive(name)) return false;
		takeAway(own, name, there.ino);
	}
	return false;
}

function isAlive(name: string): Promise<boolean> {
	return new Promise(resolve => {
		const socket = connect(name, () => {
			socket.destroy();
			resolve(true);
		});
		// Refused: nobody listens. Anything else, such as a lack of rights, tells nothing, and counts as held.
		socket.on("error", error => resolve(!["ECONNREFUSED", "ENOENT"].includes(codeOf(error))));
	});
}

/** Renamed before it is gone: if another gateway has put its own lock there meanwhile, that goes back. */
function takeAway(own: string, name: string, ino: number): void {
	const aside = `${own}.old`;
	try {
		renameSync(name, aside);
		if (lstatSync(aside).ino !== ino) linkSync(aside, name);
		unlinkSync(aside);
	} catch {
		// Another one was faster: the next look tells.
	}
}

function releaseLock(server: Server, name: string, ino: number, folder: number): void {
	try {
		if (lstatSync(name).ino === ino) unlinkSync(name);
	} catch {
		// The folder is gone; so is the lock.
	}
	server.close();
	closeSync(folder);
}
