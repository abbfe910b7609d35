/** The device port: reset reason, memory, restart. */
import config from "mc/config";
import FFI from "mc/ffi";
import type { Device } from "../../../ports/ports.js";

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

export function createDevice(): Device {
	const system = new FFI();
	system.smarty_watch_memory();
	return {
		resetReason: reasons[system.esp_reset_reason()] ?? "unknown",
		version: String(config.version),
		capacity: { connections: 4, heap: { slots: Number(config.heapSlots), chunks: Number(config.heapChunks) } },
		readMac: () => formatHalf(system.smarty_mac(0)) + formatHalf(system.smarty_mac(1)),
		readMemory: () => ({
			free: system.esp_get_free_heap_size(),
			least: system.esp_get_minimum_free_heap_size(),
			largestBlock: system.smarty_largest_block(),
			stackLeft: system.smarty_stack_left(),
			failures: system.smarty_failed_allocations(),
		}),
		restart: () => system.esp_restart(),
	};
}

function formatHalf(bytes: number): string {
	return bytes.toString(16).padStart(6, "0");
}
