/* Servers of every kind that a probe may meet, each in a process of its own on 127.0.0.1. */
#ifndef CE_TESTS_PROBE_SERVER_H
#define CE_TESTS_PROBE_SERVER_H

#include <stdbool.h>
#include <sys/types.h>

enum server_kind {
	SERVER_TLS,         /* TLS of any version */
	SERVER_TLS_12,      /* not newer than 1.2 */
	SERVER_PLAIN,       /* answers in plain HTTP */
	SERVER_SILENT,      /* takes the connection and says nothing */
	SERVER_CLOSING      /* closes the connection at once */
};

struct server {
	enum server_kind kind;
	bool wrong_key;     /* signs with another key than its certificate's */
	bool wants_client;  /* insists on a client's certificate */
	/* filled by server_start */
	pid_t pid;
	int port;
	char fingerprint[65];
};

void server_start(struct server *server);
void server_stop(struct server *server);

/* A port of 127.0.0.1 on which nobody listens. */
int server_closed_port(void);

#endif
