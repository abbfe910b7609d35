/** The netlist as KiCad 9 exports it (`kicad-cli sch export netlist`, an S-expression), read into plain records. */

export interface Part {
	readonly reference: string;
	readonly value: string;
	/** Name of the symbol in `hardware/p1-adapter.kicad_sym`, such as `R` or `P1_Jack`. */
	readonly symbol: string;
	/** Path of the sheet, "/" for the adapter itself. */
	readonly sheet: string;
	/** False for a variant: drawn, but not to be fitted. */
	readonly fitted: boolean;
	readonly fields: ReadonlyMap<string, string>;
}

/** One end of a connection; `name` is what the symbol prints at the pin, such as `USB` or `+5V`. */
export interface Pin {
	readonly part: string;
	readonly number: string;
	readonly name: string;
}

export interface Net {
	readonly name: string;
	readonly pins: readonly Pin[];
}

export interface Netlist {
	readonly parts: ReadonlyMap<string, Part>;
	readonly nets: readonly Net[];
}

type Expression = string | Expression[];

/** @throws Error when the parentheses do not match. */
export function parseExpression(text: string): Expression {
	const tokens = text.match(/"(?:[^"\\]|\\.)*"|[()]|[^\s()"]+/g) ?? [];
	const open: Expression[][] = [[]];
	for (const token of tokens) {
		if (token === "(") {
			open.push([]);
		} else if (token === ")") {
			const closed = open.pop();
			const outer = open[open.length - 1];
			if (closed === undefined || outer === undefined) throw new Error("netlist: a parenthesis too many");
			outer.push(closed);
		} else {
			open[open.length - 1]?.push(token.startsWith('"') ? token.slice(1, -1).replace(/\\(.)/g, "$1") : token);
		}
	}
	const whole = open[0]?.[0];
	if (open.length !== 1 || whole === undefined) throw new Error("netlist: a parenthesis is missing");
	return whole;
}

function listChildren(expression: Expression, head: string): Expression[][] {
	if (typeof expression === "string") return [];
	return expression.filter((item): item is Expression[] => typeof item !== "string" && item[0] === head);
}

/** The text after `head` in the first child `(head "text")`, or "" when there is none. */
function readText(expression: Expression, head: string): string {
	const text = listChildren(expression, head)[0]?.[1];
	return typeof text === "string" ? text : "";
}

function readPart(component: Expression): Part {
	const properties = listChildren(component, "property").map(item => [readText(item, "name"), readText(item, "value")]);
	const fields = new Map(properties as [string, string][]);
	const path = listChildren(component, "sheetpath")[0] ?? [];
	return {
		reference: readText(component, "ref"),
		value: readText(component, "value"),
		symbol: readText(listChildren(component, "libsource")[0] ?? [], "part"),
		sheet: readText(path, "names"),
		fitted: !fields.has("dnp"),
		fields,
	};
}

function readNet(net: Expression): Net {
	const pins = listChildren(net, "node").map(node => ({
		part: readText(node, "ref"),
		number: readText(node, "pin"),
		name: readText(node, "pinfunction"),
	}));
	return { name: readText(net, "name"), pins };
}

/** @throws Error when the text is not a netlist. */
export function parseNetlist(text: string): Netlist {
	const whole = parseExpression(text);
	const components = listChildren(listChildren(whole, "components")[0] ?? [], "comp").map(readPart);
	const nets = listChildren(listChildren(whole, "nets")[0] ?? [], "net").map(readNet);
	if (components.length === 0 || nets.length === 0) throw new Error("netlist: no parts or no nets in it");
	return { parts: new Map(components.map(part => [part.reference, part])), nets };
}

/** The net a pin is on. The pin is found by its number or by its printed name. @throws Error for an unknown pin. */
export function findNet(netlist: Netlist, part: string, pin: string): Net {
	const byNumber = netlist.nets.find(net => net.pins.some(item => item.part === part && item.number === pin));
	const net = byNumber ?? netlist.nets.find(item => item.pins.some(end => end.part === part && end.name === pin));
	if (net === undefined) throw new Error(`netlist: no pin ${part}.${pin}`);
	return net;
}

/** The net at the far end of a part with two pins. */
export function findFarNet(netlist: Netlist, part: string, near: Net): Net {
	const far = netlist.nets.find(net => net !== near && net.pins.some(pin => pin.part === part));
	return far ?? near;
}

/** The fitted parts with a pin on this net, those of one symbol when it is named. */
export function listFitted(netlist: Netlist, net: Net, symbol?: string): Part[] {
	const references = new Set(net.pins.map(pin => pin.part));
	return [...netlist.parts.values()].filter(
		part => references.has(part.reference) && part.fitted && (symbol === undefined || part.symbol === symbol),
	);
}

/** The fitted parts of one symbol between two nets. */
export function listBetween(netlist: Netlist, first: Net, second: Net, symbol: string): Part[] {
	const there = new Set(second.pins.map(pin => pin.part));
	return listFitted(netlist, first, symbol).filter(part => there.has(part.reference));
}
