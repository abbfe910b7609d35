/** Ways to spoil a circuit, for the tests of its rules. */
import { findNet, type Net, type Netlist, type Part, type Pin } from "../../tools/hardware/netlist.js";

/** A deliberate mistake: gives a netlist with one thing changed, as a slip of the pencil would change it. */
export type Alteration = (netlist: Netlist) => Netlist;

function alterPart(reference: string, change: (part: Part) => Part): Alteration {
	return netlist => {
		const part = netlist.parts.get(reference);
		if (part === undefined) throw new Error(`no part ${reference}`);
		return { nets: netlist.nets, parts: new Map(netlist.parts).set(reference, change(part)) };
	};
}

export function setValue(reference: string, value: string): Alteration {
	return alterPart(reference, part => ({ ...part, value }));
}

export function setRating(reference: string, rating: string): Alteration {
	return alterPart(reference, part => ({ ...part, fields: new Map(part.fields).set("Rating", rating) }));
}

export function setFitted(reference: string, fitted: boolean): Alteration {
	return alterPart(reference, part => ({ ...part, fitted }));
}

function findPin(net: Net, part: string, name: string): Pin {
	const pin = net.pins.find(item => item.part === part && (item.number === name || item.name === name));
	if (pin === undefined) throw new Error(`no pin ${part}.${name}`);
	return pin;
}

function replaceNets(netlist: Netlist, change: (net: Net) => readonly Pin[]): Netlist {
	return { parts: netlist.parts, nets: netlist.nets.map(net => ({ name: net.name, pins: change(net) })) };
}

/** Takes a pin off its net and puts it on the net of another pin. */
export function movePin(part: string, name: string, otherPart: string, otherName: string): Alteration {
	return netlist => {
		const from = findNet(netlist, part, name);
		const into = findNet(netlist, otherPart, otherName);
		const pin = findPin(from, part, name);
		return replaceNets(netlist, net => {
			const others = net.pins.filter(item => item !== pin);
			return net === into ? [...others, pin] : others;
		});
	};
}

/** Takes a pin off its net and leaves it open. */
export function openPin(part: string, name: string): Alteration {
	return netlist => {
		const pin = findPin(findNet(netlist, part, name), part, name);
		const { parts, nets } = replaceNets(netlist, net => net.pins.filter(item => item !== pin));
		return { parts, nets: [...nets, { name: `open ${part}.${name}`, pins: [pin] }] };
	};
}

export function swapPins(part: string, name: string, otherPart: string, otherName: string): Alteration {
	return netlist => {
		const first = findPin(findNet(netlist, part, name), part, name);
		const second = findPin(findNet(netlist, otherPart, otherName), otherPart, otherName);
		const swap = (pin: Pin) => (pin === first ? second : pin === second ? first : pin);
		return replaceNets(netlist, net => net.pins.map(swap));
	};
}

/** Makes one net of the nets of two pins, as a stray wire does. */
export function joinNets(part: string, name: string, otherPart: string, otherName: string): Alteration {
	return netlist => {
		const first = findNet(netlist, part, name);
		const second = findNet(netlist, otherPart, otherName);
		const joined = { name: first.name, pins: [...first.pins, ...second.pins] };
		return { parts: netlist.parts, nets: [joined, ...netlist.nets.filter(net => net !== first && net !== second)] };
	};
}

/** Puts an existing part between two other pins, as a wrong part in the wrong place. */
export function placePart(
	reference: string,
	part: string,
	name: string,
	otherPart: string,
	otherName: string,
): Alteration {
	return combine(
		movePin(reference, "1", part, name),
		movePin(reference, "2", otherPart, otherName),
		setFitted(reference, true),
	);
}

export function combine(...alterations: readonly Alteration[]): Alteration {
	return netlist => alterations.reduce((changed, alter) => alter(changed), netlist);
}
