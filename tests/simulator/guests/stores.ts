/** Things that live as long as the module: in flash, if the module is preloaded. */
const map = new Map<string, number>();
const set = new Set<number>();
const weakMap = new WeakMap<object, number>();
const bytes = new Uint8Array(4);
const view = new DataView(new ArrayBuffer(4));
const record = { count: 0, inner: { count: 0 } };
const list = [0, 0];
let variable = 0;

class Counter {
	static count = 0;
	static #secret = 0;
	static addSecret(): number {
		Counter.#secret += 1;
		return Counter.#secret;
	}
	add(): void {}
}

function count(): number {
	const it = count as unknown as { calls: number };
	it.calls = 1;
	return it.calls;
}

/** Each writes, reads back, and returns 1. */
export const stores: Record<string, () => number> = {
	map() {
		map.set("a", 1);
		return map.get("a")!;
	},
	set() {
		set.add(1);
		return set.size;
	},
	weakMap() {
		const key = {};
		weakMap.set(key, 1);
		return weakMap.get(key)!;
	},
	typedArray() {
		bytes[0] = 1;
		return bytes[0]!;
	},
	dataView() {
		view.setUint8(0, 1);
		return view.getUint8(0);
	},
	static() {
		Counter.count += 1;
		return Counter.count;
	},
	privateStatic() {
		return Counter.addSecret();
	},
	function() {
		return count();
	},
	prototype() {
		Counter.prototype.add = () => {};
		return 1;
	},
	json() {
		return JSON.stringify(record) === "" ? 0 : 1;
	},
	record() {
		record.count += 1;
		record.inner.count += 1;
		return record.count * record.inner.count;
	},
	list() {
		list[1] = 1;
		list.push(1);
		return list[1]! * list[2]!;
	},
	variable() {
		variable += 1;
		return variable;
	},
};
