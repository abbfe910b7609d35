/** Notices when npm, which started this program, has gone: `npm start` that is ended by its process number leaves no orphan. */
import { readFileSync } from "node:fs";

const lookMs = 1_000;

/**
 * Calls `onGone` once when a process between this one and npm has gone. Linux only, and only below npm: a program that was started by
 * itself may outlive its shell. Returns what stops watching.
 */
export function watchParent(onGone: () => void): () => void {
	if (process.platform !== "linux" || process.env.npm_lifecycle_event === undefined) return () => {};
	const ancestors = listAncestors();
	const timer = setInterval(() => {
		if (String(listAncestors().slice(0, ancestors.length)) === String(ancestors)) return;
		clearInterval(timer);
		onGone();
	}, lookMs);
	timer.unref();
	return () => clearInterval(timer);
}

/** npm runs a script in a shell: its process is the parent, or the parent of a shell. */
function listAncestors(): number[] {
	const found = [process.ppid];
	if (/^(sh|dash|bash|ash|busybox)$/.test(readStat(process.ppid)?.name ?? "")) {
		found.push(readStat(process.ppid)?.parent ?? 0);
	}
	return found;
}

/** The name may hold spaces and brackets: the fields begin after the last one. */
function readStat(pid: number): { name: string; parent: number } | null {
	try {
		const text = readFileSync(`/proc/${pid}/stat`, "latin1");
		const end = text.lastIndexOf(")");
		return { name: text.slice(text.indexOf("(") + 1, end), parent: Number(text.slice(end + 2).split(" ")[1]) };
	} catch {
		return null;
	}
}
