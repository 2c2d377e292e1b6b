/* Problem documents (RFC 7807; RFC 8555 section 6.7): what they say, and whose fault it is. */
#ifndef CE_ACME_PROBLEM_H
#define CE_ACME_PROBLEM_H

#include "acme/json.h"
#include "acme/wire.h"
#include "net/http.h"

struct ce_acme_problem {
	char type[64];        /* without the ACME prefix: "rateLimited"; "" when none was given */
	char text[640];       /* printable: detail, and a clause for each subproblem; "" when there is none */
	char instance[256];   /* a page for the operator, "" none */
	enum ce_acme_class class;
	char help[200];       /* the CA's page about it (Link rel="help"), "" none */
	const char *advice;   /* what to do, NULL: nothing special */
	int status;           /* of HTTP; 0 inside other objects */
};

/* From an object such as a challenge's error. NULL object: an empty problem that is the CA's fault. */
void ce_acme_problem_read(struct ce_acme_problem *ret_problem, const json_t *object);

/* From any answer of status 300 and more: with a problem document, with JSON that lacks members, with an
 * empty body, or with a front end's HTML. Unknown types fall back on the status. */
void ce_acme_problem_of(struct ce_acme_problem *ret_problem, const struct ce_http_answer *answer);

/* One subproblem as a line: "b.example: rejectedIdentifier: no". False when it says nothing. */
bool ce_acme_problem_line(const json_t *subproblem, char *out, size_t room);

/* "rateLimited (429): too many certificates", for the middle of a sentence. */
void ce_acme_problem_sentence(const struct ce_acme_problem *problem, char *out, size_t room);

#endif
