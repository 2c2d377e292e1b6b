/* Name constraints of our own CAs (RFC 5280 section 4.2.1.10). */
#include <arpa/inet.h>
#include <string.h>

#include "crypto/authority.h"
#include "crypto/gnutls_own.h"
#include "crypto/names.h"

CE_GNUTLS_OWNED(constraintsp, gnutls_x509_name_constraints_t, gnutls_x509_name_constraints_deinit)

/* Address and mask one behind the other; all zero: every address. */
static unsigned char every_ipv4[8], every_ipv6[32];

static bool
is_range(const char *text)
{
	return strchr(text, '/') != NULL;
}

int
ce_constraint_check(const char *text, struct ce_error *err)
{
	CE_CLEANUP(ce_datump) gnutls_datum_t range = { NULL, 0 };
	CE_CLEANUP(ce_freep) char *name = NULL;
	enum ce_name_kind kind;
	if (is_range(text))
		return gnutls_x509_cidr_to_rfc5280(text, &range) >= 0
		               ? CE_OK : ce_fail(err, CE_ERR_INVALID, "'%s' is no range of addresses such as 192.0.2.0/24", text);
	int code = ce_name_canonical(text, &name, &kind, err);
	if (code < 0)
		return code;
	if (kind == CE_NAME_IP)
		return ce_fail(err, CE_ERR_INVALID, "'%s' is one address; a range is written with its length, such as %s/%d", text,
			text, strchr(text, ':') ? 128 : 32);
	if (name[0] == '*')
		return ce_fail(err, CE_ERR_INVALID, "'%s': a domain stands for all names below it, without '*.'", text);
	return CE_OK;
}

static int
add_one(gnutls_x509_name_constraints_t list, const char *text)
{
	if (!is_range(text)) {
		CE_CLEANUP(ce_freep) char *name = NULL;
		enum ce_name_kind kind;
		struct ce_error ignored;
		if (ce_name_canonical(text, &name, &kind, &ignored) < 0)
			return GNUTLS_E_INVALID_REQUEST;
		gnutls_datum_t domain = { (unsigned char *)name, (unsigned)strlen(name) };
		return gnutls_x509_name_constraints_add_permitted(list, GNUTLS_SAN_DNSNAME, &domain);
	}
	CE_CLEANUP(ce_datump) gnutls_datum_t range = { NULL, 0 };
	int status = gnutls_x509_cidr_to_rfc5280(text, &range);
	return status < 0 ? status : gnutls_x509_name_constraints_add_permitted(list, GNUTLS_SAN_IPADDRESS, &range);
}

/* A kind of name of which nothing is permitted would be free altogether, so it is excluded. */
static int
exclude_rest(gnutls_x509_name_constraints_t list, const char *const *permitted)
{
	bool domains = false, ipv4 = false, ipv6 = false;
	for (; *permitted; permitted++) {
		domains = domains || !is_range(*permitted);
		ipv6 = ipv6 || (is_range(*permitted) && strchr(*permitted, ':'));
		ipv4 = ipv4 || (is_range(*permitted) && !strchr(*permitted, ':'));
	}
	const struct {
		bool free;
		gnutls_x509_subject_alt_name_t kind;
		gnutls_datum_t all;
	} rows[] = {
		{ !domains, GNUTLS_SAN_DNSNAME, { (unsigned char *)(uintptr_t)"", 0 } },
		{ !ipv4, GNUTLS_SAN_IPADDRESS, { every_ipv4, sizeof(every_ipv4) } },
		{ !ipv6, GNUTLS_SAN_IPADDRESS, { every_ipv6, sizeof(every_ipv6) } },
	};
	int status = 0;
	for (size_t i = 0; status >= 0 && i < CE_COUNT(rows); i++)
		if (rows[i].free)
			status = gnutls_x509_name_constraints_add_excluded(list, rows[i].kind, &rows[i].all);
	return status;
}

int
ce_constraints_set(gnutls_x509_crt_t crt, const char *const *permitted, struct ce_error *err)
{
	if (!permitted || !permitted[0])
		return CE_OK;
	CE_CLEANUP(constraintsp) gnutls_x509_name_constraints_t list = NULL;
	int status = gnutls_x509_name_constraints_init(&list);
	for (const char *const *one = permitted; status >= 0 && *one; one++)
		status = add_one(list, *one);
	if (status >= 0)
		status = exclude_rest(list, permitted);
	if (status >= 0)
		status = gnutls_x509_crt_set_name_constraints(crt, list, 1);
	if (status < 0)
		return ce_fail_gnutls(err, status, "limit the names of the CA");
	return CE_OK;
}

/* A wildcard is as good as the names below its domain. */
static bool
is_permitted(gnutls_x509_name_constraints_t list, const char *name)
{
	unsigned char address[16];
	if (!ce_name_is_ip(name)) {
		const char *domain = strncmp(name, "*.", 2) == 0 ? name + 2 : name;
		gnutls_datum_t text = { (unsigned char *)(uintptr_t)domain, (unsigned)strlen(domain) };
		return gnutls_x509_name_constraints_check(list, GNUTLS_SAN_DNSNAME, &text) != 0;
	}
	bool wide = strchr(name, ':') != NULL;
	gnutls_datum_t bytes = { address, wide ? 16 : 4 };
	return inet_pton(wide ? AF_INET6 : AF_INET, name, address) == 1
	       && gnutls_x509_name_constraints_check(list, GNUTLS_SAN_IPADDRESS, &bytes) != 0;
}

/* As verifiers do it, so that nothing is issued that they would refuse. */
int
ce_constraints_check(gnutls_x509_crt_t ca, const struct ce_strlist *names, struct ce_error *err)
{
	CE_CLEANUP(constraintsp) gnutls_x509_name_constraints_t list = NULL;
	unsigned critical = 0;
	int status = gnutls_x509_name_constraints_init(&list);
	if (status >= 0)
		status = gnutls_x509_crt_get_name_constraints(ca, list, 0, &critical);
	if (status == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE)
		return CE_OK;
	if (status < 0)
		return ce_fail_gnutls(err, status, "read the name constraints of the CA");
	for (size_t i = 0; i < names->count; i++)
		if (!is_permitted(list, names->items[i]))
			return ce_fail(err, CE_ERR_REFUSED, "'%s' is none of the names that the CA was made for; see 'permit' of its "
				"issuer, which counts when a CA is made", names->items[i]);
	return CE_OK;
}
