#include "acme/nonce.h"

#include <stdlib.h>
#include <string.h>

static bool
is_nonce(const char *text)
{
	size_t size = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-");
	return size > 0 && size <= CE_ACME_NONCE_LENGTH_MAX && text[size] == '\0';
}

bool
ce_acme_nonce_add(struct ce_acme_nonces *nonces, const char *nonce)
{
	char *copy = nonce && is_nonce(nonce) ? strdup(nonce) : NULL;
	if (!copy)
		return false;
	if (nonces->count == CE_ACME_NONCES_MAX) {
		free(nonces->items[0]);
		memmove(nonces->items, nonces->items + 1, sizeof(nonces->items[0]) * --nonces->count);
	}
	nonces->items[nonces->count++] = copy;
	return true;
}

char *
ce_acme_nonce_take(struct ce_acme_nonces *nonces)
{
	return nonces->count ? nonces->items[--nonces->count] : NULL;
}

void
ce_acme_nonces_release(struct ce_acme_nonces *nonces)
{
	while (nonces->count)
		free(nonces->items[--nonces->count]);
}
