/* Services without an engine: files in memory, programs and a manager that answer as told. */
#ifndef CE_TESTS_TOMCAT_FAKE_H
#define CE_TESTS_TOMCAT_FAKE_H

#include <certengine/plugin.h>

#include "edit/xml.h"

#define FAKE_FILES 32
#define FAKE_KEPT 2048
#define FAKE_SECRET "Abcdefghijkl0123456789AB"

struct fake_file {
	char *path;
	struct ce_buf bytes;
};

struct ce_call {
	const char *options;         /* "name=value;name=value"; list items are separated by commas */
	const char *names;           /* of the certificate, separated by commas */
	const char *key_kind;
	struct fake_file files[FAKE_FILES];
	const char *committed;       /* what the transaction changed: one path */
	int http_status;
	const char *http_body;
	int run_status;
	/* what was seen */
	int code;                    /* of the first failure */
	char text[1024];
	char notes[2048];            /* commands, requests, endpoints, findings, one a line */
	char reload_key[256], reload_text[256];
	int archives;                /* how often an archive was opened */
	int written;                 /* files staged that differ */
	void *kept[FAKE_KEPT];       /* memory of this call */
	size_t kept_count;
	ce_xml *documents[8];
	const char *document_paths[8];
	size_t document_count;
	struct ce_certificate_facts facts;
};

extern const struct ce_services fake_services;
extern const struct certengine_plugin certengine_plugin;

void fake_put(ce_call *call, const char *path, const char *text);
const char *fake_get(ce_call *call, const char *path); /* NULL: no such file */
/* Ends one callback: memory and documents go, files stay, what was staged counts as written. */
void fake_end(ce_call *call);
void fake_release(ce_call *call);

#endif
