/* Two drafts about the DNS: the standing record of dns-persist-01, and the label of dns-account-01. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "acme/json.h"
#include "crypto/digest.h"
#include "issuer/acme_present.h"

#define DOMAINS_MAX 10
#define LABEL_BYTES 10

/* draft-ietf-acme-dns-account-label section 3.2: base32 of the first ten bytes of the digest, in lower case. */
int
ce_account_label(const char *account, char *out, struct ce_error *err)
{
	static const char alphabet[] = "abcdefghijklmnopqrstuvwxyz234567";
	unsigned char digest[CE_SHA256_SIZE];
	int rc = ce_sha256((struct ce_bytes){ (const unsigned char *)account, strlen(account) }, digest, err);
	if (rc)
		return rc;
	unsigned bits = 0, held = 0;
	for (size_t i = 0; i < LABEL_BYTES; i++) {
		bits = (bits << 8 | digest[i]) & 0xffff;
		for (held += 8; held >= 5; held -= 5)
			*out++ = alphabet[bits >> (held - 5) & 31];
	}
	*out = '\0';
	return CE_OK;
}

/* --- a record: "ca.example; accounturi=URL; policy=wildcard; persistUntil=SECONDS" --- */

struct standing {
	char domain[256];
	char account[512];
	bool wildcard;
	long long until;   /* 0: for ever */
};

static void
trim(const char **start, const char **end)
{
	while (*start < *end && strchr(" \t", **start))
		++*start;
	while (*end > *start && strchr(" \t", (*end)[-1]))
		--*end;
}

static bool
take_value(const char *start, const char *end, const char *name, char *out, size_t room)
{
	size_t size = strlen(name);
	if ((size_t)(end - start) <= size || strncasecmp(start, name, size) || start[size] != '=')
		return false;
	start += size + 1;
	trim(&start, &end);
	snprintf(out, room, "%.*s", (int)(end - start), start);
	return true;
}

static struct standing
parse(const char *text)
{
	struct standing standing = { .until = 0 };
	bool first = true;
	for (const char *start = text, *next; start; start = next, first = false) {
		const char *end = strchr(start, ';');
		char value[64];
		next = end ? end + 1 : NULL;
		end = end ? end : start + strlen(start);
		trim(&start, &end);
		if (first)
			snprintf(standing.domain, sizeof(standing.domain), "%.*s", (int)(end - start), start);
		else if (take_value(start, end, "policy", value, sizeof(value)))
			standing.wildcard = !strcasecmp(value, "wildcard");
		else if (take_value(start, end, "persistUntil", value, sizeof(value)))
			standing.until = atoll(value);
		else
			(void)take_value(start, end, "accounturi", standing.account, sizeof(standing.account));
	}
	return standing;
}

static bool
proves(const struct standing *standing, const json_t *domains, const char *account, bool wildcard, long long now)
{
	if (strcmp(standing->account, account) || (wildcard && !standing->wildcard) || (standing->until && standing->until <= now))
		return false;
	for (size_t i = 0; i < json_array_size(domains); i++) {
		const char *domain = json_string_value(json_array_get(domains, i));
		if (domain && !strcasecmp(domain, standing->domain))
			return true;
	}
	return false;
}

static int
wanted(const char *record, const json_t *domains, const char *account, bool wildcard, struct ce_error *err)
{
	return ce_fail(err, CE_ERR_WAIT, "dns-persist-01 is experimental; write this record, then run again: %s. IN TXT \"%s; accounturi=%s%s\"",
		record, json_string_value(json_array_get(domains, 0)), account, wildcard ? "; policy=wildcard" : "");
}

int
ce_persist_check(const struct ce_response *response, const struct ce_strlist *texts, long long now, long long *ret_until,
	struct ce_error *err)
{
	const char *detail = response->detail;
	CE_CLEANUP(json_decrefp) json_t *json = ce_json_object((struct ce_bytes){ (const unsigned char *)detail, strlen(detail) });
	const json_t *domains = json_object_get(json, "issuer-domain-names");
	const char *told = ce_json_text(json, "accounturi"), *account = told ? told : response->account;
	size_t count = json_array_size(domains);
	if (count < 1 || count > DOMAINS_MAX || !json_is_string(json_array_get(domains, 0)))
		return ce_fail(err, CE_ERR_ISSUER, "the CA's dns-persist-01 challenge names %zu issuer domains, not 1 to %d", count,
			DOMAINS_MAX);
	if (!account)
		return ce_fail(err, CE_ERR_ISSUER, "the CA's dns-persist-01 challenge names no account, and there is none");
	for (size_t i = 0; i < texts->count; i++) {
		struct standing standing = parse(texts->items[i]);
		if (!proves(&standing, domains, account, response->wildcard, now))
			continue;
		*ret_until = standing.until;
		return CE_OK;
	}
	return wanted(response->record, domains, account, response->wildcard, err);
}
