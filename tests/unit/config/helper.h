/* Configurations written and read again, findings as text. */
#ifndef CE_TESTS_CONFIG_HELPER_H
#define CE_TESTS_CONFIG_HELPER_H

#include "config/config.h"

/* A file of the test directory with this content and mode 0600; the path lives until the next call but one. */
const char *helper_file(const char *name, const char *content);

/* What ce_config_read says of a file with this content. Released by helper_release. */
struct helper {
	struct ce_config config;
	struct ce_problems problems;
	struct ce_error error;
	int code;
};
void helper_read(struct helper *helper, const char *content);
void helper_release(struct helper *helper);

/* As above with body inside certificates: { shop: { ... }; }; and an issuer 'house'. */
void helper_read_certificate(struct helper *helper, const char *body);
void helper_read_target(struct helper *helper, const char *body);

/* Whether exactly these findings came, each "line: text"; NULL ends. Prints what came if not. */
bool helper_found(const struct helper *helper, const char *const *wanted);
#define HELPER_FOUND(helper, ...) helper_found((helper), (const char *const[]){ __VA_ARGS__, NULL })
/* Whether one finding on that line contains the part. */
bool helper_said(const struct helper *helper, int line, const char *part);

#endif
