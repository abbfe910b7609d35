/** Nobody takes a method of the ports off its object: on the board it needs that, and nowhere else would it be seen. */
import { expect, test } from "vitest";
import { findDetached } from "../support/detached.js";

test("methods of the ports are called on their object, and functions that are properties may be handed on", () => {
	const text = `
		import type { Console, Ports } from "./ports/ports.js";
		export function misuse(ports: Ports, console: Console, { now }: Ports["clock"]): unknown[] {
			const { openUart, encode, clock } = ports;
			if (ports.dial === undefined || console.send !== undefined) ports.dial!("a", 1, [], null!);
			return [openUart, encode, clock.now(), console.write, ports.decode, console.send?.(new Uint8Array(1)), now];
		}`;
	expect(findDetached(text)).toEqual([
		"modules/more.ts:3: now",
		"modules/more.ts:4: openUart",
		"modules/more.ts:6: console.write",
	]);
}, 300_000);
