/** `npm run --silent sign`: an update of an image of the firmware, or the digits of the public key for the build. */
import { createPrivateKey } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { publicDigits, signUpdate } from "./update/sign.js";

const usage = `npm run --silent sign -- --key-file KEY.pem                      says the public key, for updateKey=…
npm run --silent sign -- --key-file KEY.pem --image smarty_xs.bin --board lolin_d32 --version 0.2.0 --sequence 2 --out UPDATE.bin

KEY.pem is made with: openssl ecparam -name prime256v1 -genkey -noout -out KEY.pem
`;

function main(): void {
	const option = { type: "string" } as const;
	const { values } = parseArgs({
		options: {
			"key-file": option,
			image: option,
			board: option,
			version: option,
			sequence: option,
			out: option,
			help: { type: "boolean" },
		},
	});
	const { "key-file": keyFile, image, board, version, sequence, out, help } = values;
	if (help === true || keyFile === undefined) {
		process.stdout.write(usage);
		if (help !== true) process.exitCode = 2;
		return;
	}
	const key = createPrivateKey(readFileSync(keyFile));
	if (image === undefined) {
		process.stdout.write(`${publicDigits(key)}\n`);
		return;
	}
	if (board === undefined || version === undefined || sequence === undefined || out === undefined) {
		throw new Error("--image needs --board, --version, --sequence and --out, too");
	}
	const update = signUpdate(readFileSync(image), { board, version, sequence: Number(sequence) }, key);
	writeFileSync(out, update);
	process.stdout.write(`${out}: ${update.length} bytes, ${board} ${version}, sequence ${sequence}\n`);
}

try {
	main();
} catch (error) {
	process.stderr.write(`sign: ${(error as Error).message}\n`);
	process.exitCode = 1;
}
