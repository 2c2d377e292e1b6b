/* What passes between the supervisor and certengine-net for one HTTP request (base/message.h). The
 * messages of ACME are in acme/wire.h; all kinds share one numbering. */
#ifndef CE_NET_WIRE_H
#define CE_NET_WIRE_H

enum ce_net_kind {
	/* To the helper: method, url, credentials or none, trust (bytes), content type or none, body (bytes),
	 * time limit in ms (int). */
	CE_NET_HTTP = 1,
	/* Its answer: code (int), problem, status (int), body (bytes). */
	CE_NET_HTTP_DONE = 2,
	/* To the helper: server or none, type (int), names (list). */
	CE_NET_DNS = 3,
	/* Its answer, for each name: code (int), problem, target, zone, texts (list). */
	CE_NET_DNS_DONE = 4,
	CE_NET_ACME_FIRST = 100 /* from here on: acme/wire.h */
};

#endif
