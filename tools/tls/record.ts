/** Records the handshakes of the bench anew: `npx tsx tools/tls/record.ts`. Keys are made for it, so that all counts move a little. */
import { writeFileSync } from "node:fs";
import {
	authorityExtensions,
	type Issued,
	issue,
	type Keys,
	makeEcKeys,
	makeRsaKeys,
	serverExtensions,
} from "./certificates.js";
import { describeScene } from "./input.js";

const host = "broker.example";

function describe(own: Keys, between: Keys | null, root: Keys) {
	const top = issue({ subject: "Root", keys: root, hash: "sha384", extensions: authorityExtensions() });
	const middle: Issued | null =
		between === null
			? null
			: issue({ subject: "Between", keys: between, issuer: top, extensions: authorityExtensions(0) });
	const leaf = issue({ subject: "Broker", keys: own, issuer: middle ?? top, extensions: serverExtensions(host) });
	const certificates = [leaf, ...(middle === null ? [] : [middle])].map(({ der }) => der);
	return describeScene({ keys: own, certificates, authorities: [top.der], host });
}

const ec = () => makeEcKeys("prime256v1");
const scenes = {
	"RSA-2048 under an RSA-2048 root": describe(makeRsaKeys(2048), null, makeRsaKeys(2048)),
	"RSA-2048 under RSA-2048 under an RSA-4096 root": describe(makeRsaKeys(2048), makeRsaKeys(2048), makeRsaKeys(4096)),
	"P-256 under a P-256 root": describe(ec(), null, ec()),
	"P-256 under P-384 under an RSA-4096 root": describe(ec(), makeEcKeys("secp384r1"), makeRsaKeys(4096)),
	"P-256 under P-384 under a P-384 root": describe(ec(), makeEcKeys("secp384r1"), makeEcKeys("secp384r1")),
};
writeFileSync(new URL("../bench/handshakes.json", import.meta.url), `${JSON.stringify(scenes, null, "\t")}\n`);
