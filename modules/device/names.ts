/** Who is asked for the address of a name. */

/** The servers. The resolver never gives up when it has no server to ask: then this throws, unless the host needs none. */
export function serversFor(host: string, nameServers: readonly string[]): readonly string[] {
	const parts = host.split(".");
	const isAddress = parts.length === 4 && parts.every(part => String(parseInt(part, 10)) === part);
	if (!isAddress && !host.endsWith(".local") && host !== "localhost" && nameServers.length === 0)
		throw new Error("the network names no server for names");
	return nameServers;
}
