/* Names to addresses. The C library resolves in threads of its own, so that one silent name server
 * holds up no other probe. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/tls_probe_own.h"

struct ce_lookup {
	struct gaicb request;
	struct addrinfo hints;
	char *host;
	char port[16];
	bool running;           /* in a thread of the C library, which uses this memory */
	struct ce_lookup *next; /* in the list of those left to themselves */
};

/* Lookups that nobody waits for any more; freed once their thread is done with them. */
static struct ce_lookup *abandoned;

static bool
ended(struct ce_lookup *lookup)
{
	if (lookup->running && gai_error(&lookup->request) != EAI_INPROGRESS)
		lookup->running = false;
	return !lookup->running;
}

static void
destroy(struct ce_lookup *lookup)
{
	if (lookup->request.ar_result)
		freeaddrinfo(lookup->request.ar_result);
	free(lookup->host);
	free(lookup);
}

static void
reap(void)
{
	for (struct ce_lookup **at = &abandoned; *at;) {
		struct ce_lookup *lookup = *at;
		if (!ended(lookup)) {
			at = &lookup->next;
			continue;
		}
		*at = lookup->next;
		destroy(lookup);
	}
}

void
ce_lookup_free(struct ce_lookup *lookup)
{
	if (!lookup)
		return;
	if (ended(lookup) || gai_cancel(&lookup->request) == EAI_CANCELED) {
		destroy(lookup);
		return;
	}
	lookup->next = abandoned;
	abandoned = lookup;
}

static void
lookupp(struct ce_lookup **lookup)
{
	ce_lookup_free(*lookup);
	*lookup = NULL;
}

int
ce_lookup_start(const char *host, int port, struct ce_lookup **ret_lookup, struct ce_error *err)
{
	reap();
	CE_CLEANUP(lookupp) struct ce_lookup *lookup = calloc(1, sizeof(*lookup));
	if (!lookup)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	lookup->host = strdup(host);
	if (!lookup->host)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	snprintf(lookup->port, sizeof(lookup->port), "%d", port);
	lookup->hints.ai_socktype = SOCK_STREAM;
	lookup->hints.ai_flags = AI_NUMERICSERV | AI_NUMERICHOST;

	/* An address needs no thread. */
	if (getaddrinfo(lookup->host, lookup->port, &lookup->hints, &lookup->request.ar_result) != 0) {
		lookup->hints.ai_flags = AI_NUMERICSERV;
		lookup->request.ar_name = lookup->host;
		lookup->request.ar_service = lookup->port;
		lookup->request.ar_request = &lookup->hints;
		struct gaicb *requests[] = { &lookup->request };
		int status = getaddrinfo_a(GAI_NOWAIT, requests, 1, NULL);
		if (status != 0)
			return ce_fail(err, CE_ERR_SYSTEM, "look up '%s': %s", host, gai_strerror(status));
		lookup->running = true;
	}
	*ret_lookup = CE_STEAL(lookup);
	return CE_OK;
}

bool
ce_lookup_finished(struct ce_lookup *lookup, const struct addrinfo **ret_addresses, const char **ret_problem)
{
	if (!ended(lookup))
		return false;
	*ret_addresses = lookup->request.ar_result;
	*ret_problem = lookup->request.ar_result ? NULL : gai_strerror(gai_error(&lookup->request));
	return true;
}
