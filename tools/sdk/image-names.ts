/**
 * Names that the image has besides those of `main`: of XS itself, of the SDK's modules and of aes-js. The names of `mc.xs.h` after a build that are
 * in no module of ours. One that is not there any more costs what another would.
 */
export const imageNames: readonly string[] = `
	AggregateError Atomics BigInt64Array BigUint64Array Boolean EvalError FinalizationRegistry Float32Array
	Float64Array Int16Array Int8Array ModuleSource Promise Proxy ReferenceError Reflect RegExp SharedArrayBuffer
	Symbol SyntaxError TypeError TypedArray URIError Uint16Array Uint32Array Uint8ClampedArray WeakMap WeakRef
	WeakSet decodeURI encodeURI escape unescape Iterator Float16Array Compartment Function AsyncFunction
	AsyncGeneratorFunction BYTES_PER_ELEMENT Generator GeneratorFunction aliases append bind bindings bitLength
	boundArguments boundFunction boundThis busy callee caller cause center chunkify cleanupSome closure compare
	configurable console deref eachDown eachUp enumerable enumerate errors evaluate exports fromBigInt grow growable
	hasOwnProperty idiv idivmod imod importNow imports imuldiv indices irem isPrototypeOf isView iterable lastIndex
	local mod needsImport needsImportMeta or poke propertyIsEnumerable proxy reexports result revocable revoke right
	transfer transfers unregister uri wake weak detached irandom groupBy promise transferToFixedLength withResolvers
	alphabet fromBase64 fromHex lastChunkHandling omitPadding setFromBase64 setFromHex toBase64 toHex written
	difference drop intersection isDisjointFrom isSubsetOf isSupersetOf symmetricDifference toArray union f16round
	getFloat16 setFloat16 isError fromAsync getOrInsert getOrInsertComputed isRawJSON rawJSON sumPrecise target
	activeLow bank falls initialValue pins rises priority qclass qname qtype rdata ttl weight BSSID RSSI SSID
	gateway hostname onChanged onComplete onFound security timeToLive blockLength partition schedule GHASH
	outputSize aad eof BlockCipher decrypt StreamCipher setIV Mode reset data EC a1 a2 k1 k2 inv mul ECPoint mul2 os
	serialize identity isZero txt fromOctetString flen Modular mulinv square LR SW sw_param Mont dict Output
	InputPullUpDown InputPullUp Input OutputOpenDrain Falling Digital DigitalBank InputPullDown edge ActiveLow
	Rising MAC configure WiFi clearTimeout setTimeout System clearInterval setInterval callback deepSleep led
	remotePort recursionDesired CLASS IN RR requests isAddress Serializer DNS QUERY QUESTION OPCODE opcode build
	answers Parser SECTION additionals questions binary writeU8 PTR SRV TXT writeName authoritative writeSections
	property writeRecord suffix bitmaps writeU32 writeU16 NSEC writeRData dictionary writeBytes splitName
	nameOffsets clss sections PREREQUISITE ANY OPT ANSWER AAAA UPDATE NONE ZONE ADDITIONAL AUTHORITATIVE Bin comp
	getChunk traceProtocol packetize writeChar recordProtocol fragment SSLStream close_notify unpacketize readChar
	TLSError level getByHost getByID saveSession deleteSessionID SetupCipher writeSeqNum readSeqNum changeCipherSpec
	connectionEnd upper change_cipher_spec supportedCompressionMethods CERT_DSA CERT_RSA minProtocolVersion CBC DES
	GCM MD5 RC4 RSA DH_DSS DH_RSA SHA256 SHA384 maxProtocolVersion DHE_DSS DHE_RSA SHA1 TDES NULL DH_ANON ECDHE_RSA
	args keyExchangeAlgorithm orderSize cipherSuites tls_application_layer_protocol_negotiation ECDSA secp256r1
	secp521r1 client_hello secp384r1 c1 c2 signature_algorithms nsuites Yc selectCompressionMethod hello_request
	dhparams es certificateVerify rsa_sign pk server_key_exchange ttlSize readChars tls_ec_point_formats
	client_finished_label readChunk chosenCipher clientKeyExchange handshakeMessages qmt_unix_time getKey sha224 DSA
	tls_signature_algorithms handshakeDigests compressionMethods PRF RNG certificateRequest server_hello_done
	calculateVerifyData named_curve clientCerts tls_status_request helloProtocol clientHello md5 SHA224 SHA512
	finished dsa myCert masterSecret preMasterSecret len oid ext msg res sig val tls_server_name tbs pkt pub rsa ver
	ed448 Curve Crypt sessionID nCertTypes findPreferredCert tls_trusted_hmac bytesAvailable hash_algo helloRequest
	generateMasterSecret verify dss_sign ecpoint handshakeDigestResult dh_Ys serverKeyExchange getDH serverSessionID
	ecdsa tls_client_certification_url handshakeDigestUpdate suites certs compressionMethod extension_type
	peerMethods peerCert sessionIDLen writeChars tls_trusted_ca_keys byteAvailable ed25519 writeChunk anonymous x448
	serverHello supportedCipherSuites certificate_request writeString named_curves tls_elliptic_curves x25519 which
	master_secret_label serverHelloDone dh_g rsa_fixed_dh dh_p client_key_exchange cert flag sha1
	server_finished_label types server_hello none curve_type tbuf handshakeProtocol methods selectCipherSuite
	PKCS1_5 certificate_verify random_bytes nmethods msgType sig_algo certificateManager mySuite finishLabel
	peerSuites clientSessionID calculateDigest dss_fixed_dh sz hashAlgorithm p_hash HMAC iceil hmac seed
	tlsCompressed putData application_data additional_data iv encryptionMode hashSize calculateMac padLen ivSize
	bytesWritten enc buf mac serverCipher seqNum SSLAlert fragmentLen blksz padSize content clientCipher
	explicit_nonce cipherBlockSize aeadAdditionalData tlsPlainText tmps tlsCipherText setupSub Gcm macSecret
	keyBlock nbytes macSize cipherKeySize cipherAlgorithm saltSize reference initial morebuf Gy ec curves y0 y1 ctr
	one encFlag ghash init zero bitlen hashLen ipad opad resumed stopTrace getCerts packetBuffer doProtocol
	applicationLayerProtocolNegotiation param1 param2 protocol CertificateManager direction cacheManager readPacket
	clientAuth startTrace subjectDN maxFragmentSize algo need more traceLevel applicationData SSLSession
	traceDirection FlashPartitionIterator Flash eraseBlock Update createArray KC T1 T2 U1 U2 T7 sourceArray
	fromBytes tk tt increment define pkcs7strip targetArray sourceStart Hex xorSegment padder ModeOfOperationCBC cbc
	ModeOfOperationCFB ModeOfOperationECB cfb ecb amd arg arrayish ModeOfOperationCTR pad ModeOfOperationOFB ofb
	rconpointer targetStart ModeOfOperation rounds convertToInt32 pkcs7 Counter padding pkcs7pad copyArray checkInts
	strip utils copy convertUtf8 rcon utf8 ciphertext coerceArray root encrypted plaintext convertHex checkInt
	setBytes toBytes segmentSize numberOfRounds setValue roundKeyCount sourceEnd PUBCOMP PUBLISH Overhead
	getRemainingLength BufferFormat duplicate UNSUBSCRIBE PUBACK UNSUBACK PUBREC PUBREL SUBACK connecting topics
	CONNACK CONNECT SUBSCRIBE onClose writeRemainingLength makeStringBuffer DISCONNECT remaining NumberFormat
	keepalive PINGRESP PINGREQ monitors advertise service probing UNICAST unclaim IP updater response FLUSH ip LOCAL
	services Discover claims discover TTL Net Claim bye udp hostLower monitorTask claim PORT updateTXT dnssd equal
	found onUpdate callbacks hostName instanceName reply retry probe onReady packets serviceType instance list
	scanPacket records probeAttempt Advertise monitor sntp ecp modular pkcs1_5 mont rng crypt bin net preference
`
	.trim()
	.split(/\s+/);
