#include "crypto/names.h"

#include <arpa/inet.h>
#include <string.h>

#include "crypto/gnutls_own.h"

#define NAME_INPUT_MAX 1024 /* UTF-8, before it becomes at most 253 bytes of A-labels */
#define NAME_MAX_BYTES 253
#define LABEL_MAX_BYTES 63
#define SAN_MAX 1000

static void
lower_case(char *text)
{
	for (; *text; text++)
		if (*text >= 'A' && *text <= 'Z')
			*text += 'a' - 'A';
}

static bool
has_control(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < 0x20 || *text == 0x7f)
			return true;
	return false;
}

/* Text form of an address given as text, or false. glibc prints IPv6 as RFC 5952 section 4 asks. */
static bool
canonical_ip(const char *name, char out[INET6_ADDRSTRLEN])
{
	unsigned char raw[16];
	int family = strchr(name, ':') ? AF_INET6 : AF_INET;
	return inet_pton(family, name, raw) == 1 && inet_ntop(family, raw, out, INET6_ADDRSTRLEN);
}

/* NULL, or why the label cannot be part of a host name. */
static const char *
label_problem(const char *label, size_t size)
{
	if (size == 0)
		return "it has an empty label";
	if (size > LABEL_MAX_BYTES)
		return "a label is longer than 63 bytes";
	if (label[0] == '-' || label[size - 1] == '-')
		return "a label begins or ends with '-'";
	for (size_t i = 0; i < size; i++) {
		char c = label[i];
		if (c == '*')
			return "'*' may only stand alone as the leftmost label";
		if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'))
			return "only letters, digits, '-' and '.' are allowed in host names";
	}
	return NULL;
}

/* NULL, or why the text (lower case, no wildcard) is no host name (RFC 1123 section 2.1). */
static const char *
name_problem(const char *name)
{
	if (strlen(name) > NAME_MAX_BYTES)
		return "it is longer than 253 bytes";
	const char *label = name;
	for (;;) {
		size_t size = strcspn(label, ".");
		const char *problem = label_problem(label, size);
		if (problem)
			return problem;
		if (label[size] == '\0')
			break;
		label += size + 1;
	}
	if (strspn(label, "0123456789") == strlen(label))
		return "its last label is a number, and it is no IP address";
	return NULL;
}

/* The part after the wildcard, mapped to A-labels. gnutls_idna_map drops a star and leaves ASCII
 * names as they are, so the star is put back and the case is lowered by the caller. */
CE_MUSTCHECK static int
map_idna(const char *name, const char *rest, gnutls_datum_t *ret_mapped, struct ce_error *err)
{
	int status = gnutls_idna_map(rest, (unsigned)strlen(rest), ret_mapped, 0);
	if (status < 0)
		return ce_fail(err, CE_ERR_INVALID, "'%s' is not a valid name: %s", name, gnutls_strerror(status));
	return CE_OK;
}

CE_MUSTCHECK static int
canonical_dns(const char *name, char **ret_name, struct ce_error *err)
{
	bool wildcard = strncmp(name, "*.", 2) == 0;
	CE_CLEANUP(ce_datump) gnutls_datum_t mapped = { NULL, 0 };
	int code = map_idna(name, wildcard ? name + 2 : name, &mapped, err);
	if (code < 0)
		return code;

	char *text = (char *)mapped.data;
	size_t size = strlen(text);
	if (size > 0 && text[size - 1] == '.')
		text[size - 1] = '\0';
	lower_case(text);
	const char *problem = name_problem(text);
	if (!problem && wildcard && strlen(text) > NAME_MAX_BYTES - 2)
		problem = "it is longer than 253 bytes";
	if (problem)
		return ce_fail(err, CE_ERR_INVALID, "'%s' is not a valid name: %s", name, problem);

	char *out = NULL;
	if (asprintf(&out, "%s%s", wildcard ? "*." : "", text) < 0)
		return ce_fail(err, CE_ERR_MEMORY, "no memory for a name");
	*ret_name = out;
	return CE_OK;
}

int
ce_name_canonical(const char *name, char **ret_name, enum ce_name_kind *ret_kind, struct ce_error *err)
{
	if (!name || *name == '\0')
		return ce_fail(err, CE_ERR_INVALID, "a name is empty");
	if (strlen(name) > NAME_INPUT_MAX)
		return ce_fail(err, CE_ERR_INVALID, "a name of %zu bytes is too long", strlen(name));
	if (has_control(name)) /* the mapping to A-labels would drop them in silence */
		return ce_fail(err, CE_ERR_INVALID, "'%s' is not a valid name: it holds a control character", name);

	char address[INET6_ADDRSTRLEN];
	if (!canonical_ip(name, address)) {
		int code = canonical_dns(name, ret_name, err);
		if (code == CE_OK)
			*ret_kind = CE_NAME_DNS;
		return code;
	}
	char *out = strdup(address);
	if (!out)
		return ce_fail(err, CE_ERR_MEMORY, "no memory for a name");
	*ret_name = out;
	*ret_kind = CE_NAME_IP;
	return CE_OK;
}

bool
ce_name_is_ip(const char *canonical)
{
	char address[INET6_ADDRSTRLEN];
	return canonical_ip(canonical, address);
}

bool
ce_name_covers(const char *pattern, const char *name)
{
	if (strcmp(pattern, name) == 0)
		return true;
	if (strncmp(pattern, "*.", 2) != 0 || ce_name_is_ip(name))
		return false;
	const char *dot = strchr(name, '.');
	return dot && dot != name && strcmp(dot, pattern + 1) == 0;
}

CE_MUSTCHECK static int
add_san(gnutls_subject_alt_names_t sans, const char *name, struct ce_error *err)
{
	/* addresses as 4 or 16 raw bytes: GnuTLS takes their text in silence and writes a broken name */
	unsigned char raw[16];
	gnutls_datum_t value = { raw, 0 };
	int kind = GNUTLS_SAN_IPADDRESS;
	if (inet_pton(AF_INET, name, raw) == 1)
		value.size = 4;
	else if (inet_pton(AF_INET6, name, raw) == 1)
		value.size = 16;
	else {
		value = (gnutls_datum_t){ (unsigned char *)name, (unsigned)strlen(name) };
		kind = GNUTLS_SAN_DNSNAME;
	}
	int status = gnutls_subject_alt_names_set(sans, (unsigned)kind, &value, NULL);
	if (status < 0)
		return ce_fail_gnutls(err, status, "add the name '%s'", name);
	return CE_OK;
}

/* All names in one go: appending them one by one to a request takes quadratic time. */
int
ce_san_write(const struct ce_strlist *names, gnutls_datum_t *ret_extension, struct ce_error *err)
{
	if (!names || names->count == 0)
		return ce_fail(err, CE_ERR_INVALID, "a certificate needs at least one name");
	if (names->count > SAN_MAX)
		return ce_fail(err, CE_ERR_LIMIT, "%zu names are more than the %d allowed", names->count, SAN_MAX);

	CE_CLEANUP(ce_gnutls_sansp) gnutls_subject_alt_names_t sans = NULL;
	int status = gnutls_subject_alt_names_init(&sans);
	if (status < 0)
		return ce_fail_gnutls(err, status, "collect the names");
	for (size_t i = 0; i < names->count; i++) {
		int code = add_san(sans, names->items[i], err);
		if (code < 0)
			return code;
	}
	status = gnutls_x509_ext_export_subject_alt_names(sans, ret_extension);
	if (status < 0)
		return ce_fail_gnutls(err, status, "encode the names");
	return CE_OK;
}

/* The canonical form of a name in a certificate; where there is none, its text behind a mark that no
 * canonical name has. */
CE_MUSTCHECK static int
add_read_name(struct ce_strlist *names, unsigned kind, const gnutls_datum_t *value, struct ce_error *err)
{
	char address[INET6_ADDRSTRLEN] = "";
	if (kind == GNUTLS_SAN_IPADDRESS) {
		bool ok = value->size == 4 || value->size == 16;
		if (ok && inet_ntop(value->size == 4 ? AF_INET : AF_INET6, value->data, address, sizeof(address))) {
			return ce_strlist_has(names, address) ? CE_OK : ce_strlist_add(names, address, err);
		}
		return ce_strlist_addf(names, err, "(an IP address of %u bytes)", value->size);
	}

	CE_CLEANUP(ce_freep) char *text = strndup((const char *)value->data, value->size);
	CE_CLEANUP(ce_freep) char *name = NULL;
	enum ce_name_kind found;
	if (!text)
		return ce_fail(err, CE_ERR_MEMORY, "no memory for a name");
	struct ce_error ignored;
	if (strlen(text) == value->size && ce_name_canonical(text, &name, &found, &ignored) == CE_OK
	        && found == CE_NAME_DNS)
		return ce_strlist_has(names, name) ? CE_OK : ce_strlist_add(names, name, err);
	return ce_strlist_addf(names, err, "(not a host name: %.64s)", text);
}

int
ce_san_read(const gnutls_datum_t *extension, struct ce_strlist *ret_names, struct ce_error *err)
{
	CE_CLEANUP(ce_gnutls_sansp) gnutls_subject_alt_names_t sans = NULL;
	int status = gnutls_subject_alt_names_init(&sans);
	if (status >= 0)
		status = gnutls_x509_ext_import_subject_alt_names(extension, sans, 0);
	if (status < 0)
		return ce_fail_gnutls(err, status, "read the names of a certificate");

	CE_CLEANUP(ce_strlist_release) struct ce_strlist names = CE_STRLIST_INIT;
	for (unsigned at = 0;; at++) {
		unsigned kind = 0;
		gnutls_datum_t value = { NULL, 0 };
		if (gnutls_subject_alt_names_get(sans, at, &kind, &value, NULL) < 0)
			break;
		if (at == SAN_MAX)
			return ce_fail(err, CE_ERR_LIMIT, "a certificate has more than %d names", SAN_MAX);
		int code = CE_OK;
		if (kind == GNUTLS_SAN_DNSNAME || kind == GNUTLS_SAN_IPADDRESS)
			code = add_read_name(&names, kind, &value, err);
		if (code < 0)
			return code;
	}

	*ret_names = names;
	names = (struct ce_strlist)CE_STRLIST_INIT;
	return CE_OK;
}
