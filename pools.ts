import { coarse, survives } from "./tools/bench/moments.js";
const plugs: Record<string,string> = { "1": "16/17", "3": "16 18 19", "3s": "16/17 16/18 16/19", "6": "16/17 16/18 16/19 16/21 16/22 16/23", "62": "16/17 4/21 16/18 4/22 16/19 4/23" };
const guess: Record<string,[number,number]> = { "1": [1700, 37], "3": [2400, 49],"3s": [2200, 42], "6": [2900, 51], "62": [3000,53] };
for (const name of process.argv.slice(2)) {
	const course = { settings: name === "0" ? {} : { meters: plugs[name]! }, meters: Number(name[0]) };
	let [s, c] = guess[name]!;
	c *= 1024; s = Math.ceil(s / 32) * 32;
	const find = async (v: number, step: number, ok: (v: number) => Promise<boolean>) => {
		let good = v; let stride = step;
		while (!(await ok(good))) { good += stride; stride *= 2; }
		let bad = good - step; stride = step;
		while (bad > 0 && (await ok(bad))) { good = bad; stride *= 2; bad = Math.max(0, good - stride); }
		while (good - bad > step) { const m = bad + Math.ceil((good - bad) / 2 / step) * step; if (await ok(m)) good = m; else bad = m; }
		return good;
	};
	const slots = await find(s, 32, v => survives(course, { slots: v, chunks: 1 << 19 }));
	const chunks = await find(c, 1024, v => survives(course, { slots: 1 << 14, chunks: v }));
	console.log(name, slots, chunks / 1024, ((slots * 16 + chunks) / 1024).toFixed(1), "with stack 9.1:", ((slots * 16 + chunks) / 1024 + 9.1).toFixed(1));
}
