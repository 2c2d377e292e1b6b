/* What passes between the supervisor and certengine-probe (base/message.h). */
#ifndef CE_NET_PROBE_WIRE_H
#define CE_NET_PROBE_WIRE_H

enum ce_probe_kind {
	/* To the helper: count, then for each probe host, port, SNI or none, time limit in ms. */
	CE_PROBE_RUN = 1,
	/* Its answers, one message for each probe in their order: code, problem, chain (bytes). */
	CE_PROBE_DONE = 2,
	/* To the helper: bytes, password. */
	CE_PROBE_KEYSTORE = 3,
	/* Its answer: code, problem or none, kind, count, then for each entry alias, is_key, fingerprint,
	 * chain length. */
	CE_PROBE_KEYSTORE_DONE = 4,
	/* To the helper: bytes, CA certificate (DER) or nothing, alias, password, fingerprints that are ours, date. */
	CE_PROBE_TRUSTSTORE = 5,
	/* Its answer: code, problem or none, bytes. */
	CE_PROBE_TRUSTSTORE_DONE = 6
};

/* Probes in one message; more are sent in several. */
#define CE_PROBE_BATCH 256
/* Handshakes at the same time. */
#define CE_PROBE_AT_ONCE 32
#define CE_PROBE_ENTRIES_MAX 1000
#define CE_PROBE_OURS_MAX 64

#endif
