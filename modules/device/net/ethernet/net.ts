/** The SDK's module `net`, as far as it is used, for a board whose only network is its cable: the SDK's own links WiFi. */

/** `smartyNet.c`. */
const cable = Object.freeze({
	/** Undefined without one. */
	getAddress(): string | undefined {
		return native("smarty_net_get_address").call(this);
	},
	/** Undefined where there are not so many. */
	getServer(at: number): string | undefined {
		return native("smarty_net_get_server").call(this, at);
	},
});

/** Of names: the main one and one besides. */
const mostServers = 2;

/** `IP` is the board's address, `DNS` the servers of names. */
function get(property: string): string | string[] | undefined {
	if (property === "IP") return cable.getAddress();
	if (property !== "DNS") return undefined;
	const servers: string[] = [];
	for (let at = 0; at < mostServers; at += 1) {
		const server = cable.getServer(at);
		if (server !== undefined) servers.push(server);
	}
	return servers;
}

export default Object.freeze({ get });
