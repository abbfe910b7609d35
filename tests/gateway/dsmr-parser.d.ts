/** npm's parser of telegrams in clear, which the tests use as a client. It has no types of its own. */
declare module "dsmr-parser" {
	const client: {
		/** Throws when the text is no telegram or its CRC does not match. */
		parse(telegram: string): { crc: string; objects: Record<string, unknown> };
	};
	export default client;
}
