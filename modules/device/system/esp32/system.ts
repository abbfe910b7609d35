/** The device port: reset reason, memory, restart. */
import config from "mc/config";
import FFI from "mc/ffi";
import type { Capacity, Device, DeviceMemory } from "../../../ports/ports.js";

/** `esp_reset_reason_t` of ESP-IDF 6.0. */
const reasons = Object.freeze([
	"unknown",
	"power on",
	"reset pin",
	"restart",
	"panic",
	"interrupt watchdog",
	"task watchdog",
	"other watchdog",
	"deep sleep",
	"brown-out",
	"SDIO",
	"USB",
	"JTAG",
	"eFuse error",
	"power glitch",
	"CPU lock-up",
]);

const capacity: Capacity = Object.freeze({
	connections: 4,
	heap: Object.freeze({ slots: Number(config.heapSlots), chunks: Number(config.heapChunks) }),
});

class BoardDevice implements Device {
	readonly resetReason: string;
	private readonly system: FFI;

	constructor(system: FFI) {
		this.system = system;
		system.smarty_watch_memory();
		this.resetReason = reasons[system.esp_reset_reason()] ?? "unknown";
	}

	get version(): string {
		return String(config.version);
	}

	get capacity(): Capacity {
		return capacity;
	}

	readMac(): string {
		return formatHalf(this.system.smarty_mac(0)) + formatHalf(this.system.smarty_mac(1));
	}

	readMemory(): DeviceMemory {
		const { system } = this;
		return {
			free: system.esp_get_free_heap_size(),
			least: system.esp_get_minimum_free_heap_size(),
			largestBlock: system.smarty_largest_block(),
			stackLeft: system.smarty_stack_left(),
			failures: system.smarty_failed_allocations(),
		};
	}

	restart(): void {
		this.system.esp_restart();
	}
}

/** The C functions of the manifest's `ffi`. Each such object has them all in memory, 1 KB: there is one. */
export function openSystem(): FFI {
	return new FFI();
}

export function openDevice(system: FFI): Device {
	return new BoardDevice(system);
}

function formatHalf(bytes: number): string {
	return bytes.toString(16).padStart(6, "0");
}
