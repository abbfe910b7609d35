/** Who made a meter: the three letters that its number begins with, as the FLAG Association registers them. */

const known: readonly (readonly [string, string])[] = Object.freeze(
	[
		["ADN", "Aidon"],
		["DME", "Diehl Metering"],
		["ELS", "Elster"],
		["EMH", "EMH metering"],
		["ESY", "EasyMeter"],
		["FLO", "Flonidan"],
		["HYD", "Diehl Metering"],
		["ISK", "Iskraemeco"],
		["KAM", "Kamstrup"],
		["KFM", "Kaifa"],
		["LGF", "Landis+Gyr"],
		["LGZ", "Landis+Gyr"],
		["QDS", "Qundis"],
		["SAG", "Sagemcom"],
		["SEN", "Sensus"],
		["XMX", "Xemex"],
		["ZRI", "Zenner"],
	],
	true,
);

/** Of a meter's number, or of the first line of its telegrams; null where neither names one that is known. */
export function findManufacturer(number: string, identification = ""): string | null {
	for (const text of [number, identification]) {
		const letters = text.slice(0, 3);
		for (const [code, name] of known) if (code === letters) return name;
	}
	return null;
}
