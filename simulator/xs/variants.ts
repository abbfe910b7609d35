/** One build of the XS machine. All are the same C sources: XS's own and those in `host/`. */
export interface Variant {
	compiler: string;
	/** Debian's packages that bring the compiler and what it needs. */
	packages: readonly string[];
	flags: readonly string[];
	/** For the linker, after the objects. */
	libraries: readonly string[];
	/** C and assembler files of `host/` that only this variant has. */
	sources: readonly string[];
}

export type VariantName = keyof typeof variants;

const common = [
	"-w",
	"-Werror=implicit-function-declaration",
	"-fno-common",
	"-DINCLUDE_XSPLATFORM",
	'-DXSPLATFORM="platform.h"',
	"-DmxParse=1",
	"-DmxRun=1",
	"-DmxSloppy=1",
	"-DmxLockdown=1",
	"-DmxBoundsCheck=1",
	"-DmxMinusZero=1",
	"-DmxNoConsole=1",
	"-DmxRegExpUnicodePropertyEscapes=1",
];

export const variants = {
	/** Behaviour: exceptions tell `.ts` lines. */
	x64: {
		compiler: "gcc",
		packages: ["gcc"],
		flags: [...common, "-O2", "-DmxDebug=1", "-DmxMetering=1"],
		libraries: ["-lm"],
		sources: [],
	},
	/** Memory: slots, identifiers and pointers have the size they have on ESP32. */
	x32: {
		compiler: "gcc",
		packages: ["gcc", "gcc-multilib"],
		flags: [...common, "-O2", "-m32", "-DmxDebug=1", "-DmxMetering=1"],
		libraries: ["-m32", "-lm"],
		sources: [],
	},
} satisfies Record<string, Variant>;

export const variantNames = Object.keys(variants) as VariantName[];
