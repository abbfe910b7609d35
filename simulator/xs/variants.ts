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
	/** What runs the program, when the computer cannot: a command that ends where the program's path goes. */
	emulator: readonly string[];
	/** XS as the Moddable SDK has it, to which the variable MODDABLE leads. Built only where it is asked for. */
	fromSdk?: true;
}

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
	"-DmxRegExpUnicodePropertyEscapes=1",
];

const own = {
	/** Behaviour: exceptions tell `.ts` lines. */
	x64: {
		compiler: "gcc",
		packages: ["gcc"],
		flags: [...common, "-O2", "-DmxDebug=1", "-DmxMetering=1"],
		libraries: ["-lm"],
		sources: [],
		emulator: [],
	},
	/** Memory: slots, identifiers and pointers have the size they have on ESP32. SSE, because x87 rounds doubles twice. */
	x32: {
		compiler: "gcc",
		packages: ["gcc", "gcc-multilib"],
		flags: [...common, "-O2", "-m32", "-msse2", "-mfpmath=sse", "-DmxDebug=1", "-DmxMetering=1"],
		libraries: ["-m32", "-lm"],
		sources: [],
		emulator: [],
	},
	/** Time: the instruction set of an ESP32's ancestor on an emulator that counts. No meter, which would cost 10 %. */
	xtensa: {
		compiler: "xtensa-lx106-elf-gcc",
		packages: ["gcc-xtensa-lx106", "picolibc-xtensa-lx106-elf", "qemu-system-misc"],
		flags: [
			...common,
			"-isystem",
			"/usr/lib/xtensa-lx106-elf/include",
			"-Os",
			"-mlongcalls",
			"-mtext-section-literals",
			"-ffunction-sections",
			"-fdata-sections",
			"-fstrict-volatile-bitfields",
		],
		libraries: [
			"-nostdlib",
			"-T",
			"lx106.ld",
			"-Wl,--gc-sections",
			"-L/usr/lib/xtensa-lx106-elf/lib",
			"-Wl,--start-group",
			"-lm",
			"-lc",
			"-lgcc",
			"-Wl,--end-group",
		],
		sources: ["start.S", "lx106.c", "arithmetic.c"],
		emulator: [
			...["qemu-system-xtensa", "-M", "sim", "-cpu", "lx106", "-m", "128", "-icount", "shift=7", "-semihosting"],
			...["-display", "none", "-serial", "none", "-monitor", "none", "-kernel"],
		],
	},
} satisfies Record<string, Variant>;

export const variants = {
	...own,
	/** The same two with the SDK's XS, to compare it. */
	x32Sdk: { ...own.x32, fromSdk: true },
	xtensaSdk: { ...own.xtensa, fromSdk: true },
} satisfies Record<string, Variant>;

export type VariantName = keyof typeof variants;
export const variantNames = Object.keys(variants) as VariantName[];
/** Those that need no SDK. */
export const usualNames = Object.keys(own) as VariantName[];
