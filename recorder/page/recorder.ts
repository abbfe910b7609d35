/** The way to the recorder. */
import type { Bar } from "../../page/history.js";

export interface Meter {
	name: string;
	/** UTC in seconds. */
	first: number;
	last: number;
	/** kW, or null. */
	class: number | null;
	falls: number;
}

/** kWh, kW and UTC in seconds. */
export interface Counted {
	class: number | null;
	exceeded: number | null;
	missing: number;
	cost?: number | null;
	peak: number | null;
	peakTime: number | null;
}

export interface Month {
	month: number;
	/** Wh. */
	imported: number;
	exported: number;
	partial: boolean;
	/** As the reader told it, or null. */
	told: Counted | null;
	/** As the recorder counts it. */
	counted: Counted;
}

export interface Bars {
	meters: { name: string; bars: Bar[] }[];
	/** Of each bar, where there is more than one meter: Wh, and quarter hours that are not known of every meter. */
	shared: [energy: number, missing: number][];
}

export interface Fall {
	time: number;
	register: string;
	before: number;
	after: number;
}

const timeoutMs = 60_000;

async function ask<Answer>(path: string): Promise<Answer> {
	const response = await fetch(path, { signal: AbortSignal.timeout(timeoutMs) });
	if (!response.ok) throw new Error(`${response.status}`);
	return response.json();
}

export const askMeters = () => ask<Meter[]>("/meters");
export const askMonths = (meter: string) => ask<Month[]>(`/months?meter=${encodeURIComponent(meter)}`);
export const askFalls = (meter: string) => ask<Fall[]>(`/falls?meter=${encodeURIComponent(meter)}`);

/** Net power in W by time. */
export function askPoints(meter: string, start: number, end: number): Promise<[time: number, net: number | null][]> {
	return ask(`/points?meter=${encodeURIComponent(meter)}&from=${start}&to=${end}`);
}

export async function askBars(names: readonly string[], borders: readonly number[]): Promise<Bars> {
	const query = names.map(name => `meter=${encodeURIComponent(name)}`).join("&");
	const answer = await ask<{
		meters: { name: string; bars: [number, number, boolean][] }[];
		shared: Bars["shared"];
	}>(`/bars?${query}&borders=${borders.join(",")}`);
	const meters = answer.meters.map(({ name, bars }) => ({
		name,
		bars: bars.map(([imported, exported, partial], at) => ({
			start: borders[at]!,
			end: borders[at + 1]!,
			imported,
			exported,
			partial,
		})),
	}));
	return { meters, shared: answer.shared };
}

export function csvAddress(
	meter: string,
	{ start, end }: { start: number; end: number },
	by: "quarter" | "reading",
): string {
	return `/csv?meter=${encodeURIComponent(meter)}&from=${start}&to=${end}&by=${by}`;
}
