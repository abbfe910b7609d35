/** Tests of `modules/web/host.ts`. */
import { expect, test } from "vitest";
import { isOwnHost } from "../../modules/web/host.js";

test.each([
	"192.168.1.50",
	"192.168.1.50:80",
	"127.0.0.1:41235",
	"[fe80::1]",
	"[::1]:8080",
	"localhost",
	"localhost:8080",
	"smarty",
	"smarty-xs:80",
	"smarty-xs-a0b1c2d3e4f5.local",
	"Smarty-XS-A0B1C2D3E4F5.LOCAL.:80",
	"smarty.lan",
	"smarty.home",
	"smarty.home.arpa",
	"smarty.internal",
	"smarty.fritz.box",
	"smarty.monitoring.svc.cluster.local",
	"",
	null,
])("only the house knows %j", host => {
	expect(isOwnHost(host, [])).toBe(true);
});

test.each([
	"example.org",
	"example.org:80",
	"192.168.1.50.example.org",
	"192-168-1-50.example.org",
	"a.192.168.1.50",
	"192.168.1.50.5",
	"192.168.1",
	"smarty.local.example.org",
	"smarty-local.org",
	"evillocal.org:80",
	"notfritz.box",
	"home.arpa.",
	"smarty.example.org.",
	"smarty.local:80.example.org",
	"1".repeat(1900),
	`smarty:${"1".repeat(300)}`,
])("a web site may have the name %j", host => {
	expect(isOwnHost(host, ["other.example.org"])).toBe(false);
});

test("the owner's own names are known, whatever their case and port", () => {
	const names = ["smarty.example.org", "energy.example.org"];
	for (const host of ["smarty.example.org", "Energy.Example.org:8443", "smarty.example.org."]) {
		expect(isOwnHost(host, names)).toBe(true);
	}
	for (const host of ["example.org", "x.smarty.example.org", "smarty.example.org.evil.example"]) {
		expect(isOwnHost(host, names)).toBe(false);
	}
});
