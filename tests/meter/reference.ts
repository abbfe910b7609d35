/** A slow power class account, to compare with. */
import type { Reading } from "../../modules/meter/account.js";

/** Readings between two restarts. */
export type Episode = readonly Reading[];

interface Sum {
	start: number;
	exceeded: number;
	missing: number;
}

const quarterMs = 900_000;
const clock = new Intl.DateTimeFormat("en-CA", {
	timeZone: "Europe/Luxembourg",
	year: "numeric",
	month: "2-digit",
	day: "2-digit",
});

/** The power class account the slow way: every quarter hour of the current month, each looked up among all readings. */
export function addUp(limit: number, episodes: readonly Episode[]) {
	const all = episodes.flat();
	const end = all[all.length - 1].time;
	const date = clock.format(end);
	const isToday = (time: number) => clock.format(time) === date;
	const isThisMonth = (time: number) => clock.format(time).slice(0, 7) === date.slice(0, 7);
	const current = Math.floor(end / quarterMs) * quarterMs;
	let first = current;
	while (isThisMonth(first - quarterMs)) first -= quarterMs;
	const today: Sum = { start: 0, exceeded: 0, missing: 0 };
	const month: Sum = { start: first, exceeded: 0, missing: 0 };
	let peak: number | null = null;
	let peakTime = 0;
	for (let quarter = first; quarter <= current; quarter += quarterMs) {
		if (isToday(quarter) && today.start === 0) today.start = quarter;
		if (quarter === current) break;
		const energy = difference(registerAt(episodes, quarter + quarterMs), registerAt(episodes, quarter));
		for (const sum of isToday(quarter) ? [today, month] : [month]) {
			if (energy === null) sum.missing += 1;
			else if (energy > limit / 4) sum.exceeded += energy - limit / 4;
		}
		if (energy !== null && (peak === null || energy * 4 > peak)) {
			peak = energy * 4;
			peakTime = quarter;
		}
	}
	return { today, month, peak: { peak, peakTime } };
}

function difference(end: number | null, start: number | null): number | null {
	return end === null || start === null ? null : end - start;
}

/** Seen by one program run on both sides within a minute, or exactly at that time; else nobody knows. */
function registerAt(episodes: readonly Episode[], time: number): number | null {
	for (const episode of episodes) {
		if (episode[0].time > time || episode[episode.length - 1].time < time) continue;
		const at = episode.findIndex(reading => reading.time >= time);
		const after = episode[at];
		if (after.time === time) return after.register;
		const before = episode[at - 1];
		if (after.time - before.time > 60_000) return null;
		const slope = (after.register - before.register) / (after.time - before.time);
		return Math.round(before.register + slope * (time - before.time));
	}
	return null;
}
