/* The configuration as plain structs. What belongs to issuers and plugins is
 * kept as settings, and checked against their option tables by whoever knows them. */
#ifndef CE_CONFIG_CONFIG_H
#define CE_CONFIG_CONFIG_H

#include "config/settings.h"
#include "crypto/csr.h"

struct ce_issuer_config {
	char *name;
	char *kind;                  /* "acme", "local", "selfsigned" */
	struct ce_settings settings; /* without kind */
};

/* A machine that targets are on and that is reached by SSH. */
struct ce_host_config {
	char *name;                  /* NULL: a target names its URL, and nothing more is said of it */
	char *url;                   /* canonical: "ssh://user@address" or "ssh://user@address:port" */
	char *user, *address;        /* address without brackets */
	int port;
	struct ce_strlist identities; /* files of private keys; empty: the account's */
	char *agent;                 /* socket, NULL: none */
	struct ce_strlist known_hosts; /* files; empty: the system's and the account's */
	int timeout_s;               /* for connecting */
	char *file;
	int line;
};
/* Takes "ssh://user@address[:port]" apart, an IPv6 address in brackets. CE_ERR_INVALID says what is wrong. ret_host is
 * written to where it succeeds: url, user, address and port. */
CE_MUSTCHECK int ce_host_config_parse(const char *url, struct ce_host_config *ret_host, struct ce_error *err);
void ce_host_config_release(struct ce_host_config *host);

/* How a target is verified. */
struct ce_verify_config {
	struct ce_strlist endpoints; /* "host:port" or "host:port sni"; empty: the plugin's */
	int deadline_s;              /* default 60 */
	char *off;                   /* a reason: not verified at all; NULL: verified */
};

struct ce_target_config {
	char *name;
	char *plugin;
	char *host;                  /* the canonical URL of one of the hosts; NULL: this machine */
	struct ce_verify_config verify;
	struct ce_settings settings; /* what the plugin's table must know */
	char *file;
	int line;
};

struct ce_certificate_config {
	char *name;
	char *issuer;                /* the preferred one */
	struct ce_strlist issuers;   /* all, in order of preference */
	struct ce_strlist names;     /* canonical */
	char *key;                   /* kind, default "ec-p256"; "other" when the key is given */
	char *token;                 /* PKCS#11 URI of the token where keys are made, or of the key that is given; NULL: files */
	bool key_given;              /* the operator's own key in a token, for every generation */
	struct ce_subject subject;
	double renew;                /* fraction of the lifetime left at which it is renewed; 0: the default rule */
	char *profile;               /* NULL: the CA's default */
	struct ce_target_config *targets;
	size_t target_count;
	char *file;
	int line;
};

/* What loads the tokens' modules. */
struct ce_pkcs11_config {
	char *module;                /* path; NULL: those that p11-kit knows */
	struct ce_strlist environment; /* "NAME=value" for it */
};

struct ce_config {
	struct ce_pkcs11_config pkcs11;
	struct ce_issuer_config *issuers;
	size_t issuer_count;
	struct ce_host_config *hosts;
	size_t host_count;
	struct ce_certificate_config *certificates;
	size_t certificate_count;
};

/* One of verify.endpoints taken apart. */
struct ce_endpoint_config {
	char *host;                  /* canonical, without brackets; or "localhost" */
	int port;
	char *sni;                   /* canonical; NULL: not given */
};
/* "host:port" or "host:port sni", an IPv6 address in brackets. CE_ERR_INVALID. */
CE_MUSTCHECK int ce_endpoint_config_parse(const char *text, struct ce_endpoint_config *ret_endpoint,
	struct ce_error *err);
void ce_endpoint_config_release(struct ce_endpoint_config *endpoint);

/* Reads path and, if it is the default file, the conf.d/ *.conf beside it in order of name. All findings in one
 * run go to problems: syntax, unknown or duplicate keys, types, values, references to issuers that do not exist, files
 * that others could have written. With problems the result is CE_ERR_CONFIG and ret_config is still filled as far as possible, so that
 * the option tables can be checked in the same run. CE_ERR_NOT_FOUND when path does not exist. */
CE_MUSTCHECK int ce_config_read(const char *path, bool with_directory, struct ce_config *ret_config,
	struct ce_problems *problems, struct ce_error *err);
void ce_config_release(struct ce_config *config);

/* By canonical URL. */
const struct ce_host_config *ce_config_host(const struct ce_config *config, const char *url);
const struct ce_issuer_config *ce_config_issuer(const struct ce_config *config, const char *name);
const struct ce_certificate_config *ce_config_certificate(const struct ce_config *config, const char *name);

#endif
