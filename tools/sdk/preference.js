/**
 * In place of the SDK's `preference` for Linux, whose file stays empty with this firmware. It has no state of its own: the store is
 * what the file says, so that a scenario can prepare it.
 */
import { File } from "file";
import config from "mc/config";

const path = `${config.file.root}modpreferences.json`;

function load() {
	if (!File.exists(path)) return {};
	const file = new File(path, false);
	try {
		return file.length === 0 ? {} : JSON.parse(file.read(String));
	} finally {
		file.close();
	}
}

function save(values) {
	File.delete(path);
	const file = new File(path, true);
	file.write(JSON.stringify(values));
	file.close();
}

export default {
	get(domain, key) {
		return load()[domain]?.[key];
	},

	set(domain, key, value) {
		const values = load();
		values[domain] ??= {};
		values[domain][key] = value;
		save(values);
	},

	delete(domain, key) {
		const values = load();
		delete values[domain]?.[key];
		save(values);
	},
};
