/** Where the four parts of a first installation go: read from a target's table of partitions. */

/** A line of `partitions.csv`. */
export interface Partition {
	readonly name: string;
	readonly offset: number;
	readonly size: number;
}

export interface Part {
	/** As the SDK's build calls it. */
	readonly path: string;
	readonly offset: number;
}

/** Of the ESP32's ROM, and of ESP-IDF's Kconfig (`CONFIG_PARTITION_TABLE_OFFSET`), which the target leaves as they are. */
const bootloaderOffset = 0x1000;
const tableOffset = 0x8000;
/** Of a table of partitions. */
const tableLength = 0x1000;

/** Throws for a line that is none. */
export function readPartitions(text: string): Partition[] {
	const lines = text.split("\n").filter(line => line.trim() !== "" && !line.startsWith("#"));
	return lines.map(line => {
		const [name = "", , , offset = "", size = ""] = line.split(",").map(field => field.trim());
		const partition = { name, offset: Number(offset), size: Number(size) };
		if (name === "" || !(partition.offset > 0) || !(partition.size > 0)) throw new Error(`no partition: ${line}`);
		return partition;
	});
}

/**
 * The four parts. `otadata` is one of them: a board that once ran from the second slot would else start what lies there. Throws where one
 * would lie over another.
 */
export function listParts(partitions: readonly Partition[], sizes: Readonly<Record<string, number>> = {}): Part[] {
	const find = (name: string) => {
		const found = partitions.find(partition => partition.name === name);
		if (found === undefined) throw new Error(`there is no partition ${name}`);
		return found;
	};
	const [data, slot] = [find("otadata"), find("ota_0")];
	const rooms = [
		{ path: "bootloader.bin", offset: bootloaderOffset, size: tableOffset - bootloaderOffset },
		{ path: "partition-table.bin", offset: tableOffset, size: tableLength },
		{ path: "ota_data_initial.bin", offset: data.offset, size: data.size },
		{ path: "xs_esp32.bin", offset: slot.offset, size: slot.size },
	];
	for (const { path, size } of rooms) {
		const length = sizes[path];
		if (length !== undefined && length > size) throw new Error(`${path} has ${length} bytes, and room for ${size}`);
	}
	return rooms.map(({ path, offset }) => ({ path, offset }));
}
