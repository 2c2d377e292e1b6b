/* A web server on 127.0.0.1 that answers by path with fixed bytes; plain HTTP. */
#ifndef CE_TESTS_NET_SERVER_H
#define CE_TESTS_NET_SERVER_H

/* Starts it on first use; returns the URL of a path on it, valid until the next call. */
const char *server_url(const char *path);

#endif
