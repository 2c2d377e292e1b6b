/* The text editors over foreign bytes: what they read they must be able to edit or refuse, and what they write must
 * read back as meant. The first byte chooses the syntax, the input's own bytes the edits. */
#include <stdlib.h>
#include <string.h>

#include "edit/text.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

static const char *const texts[] = { "true", "", " a=b;#{}'\"\\ ", "\xc3\xa9\xf0\x9f\x94\x91\n", "0123", "C:\\x\\",
	"${a}", "- x: [1" };

static const char *
text_of(unsigned choice)
{
	return texts[choice % CE_COUNT(texts)];
}

/* Keys that are there and keys that are not, values as they come: each edit works or is refused. */
static void
edit_one(ce_text *document, ce_text_entry *entry, unsigned choice)
{
	const char *const values[] = { text_of(choice >> 4), NULL };
	ce_text_entry *added = NULL;
	int rc = CE_OK;
	switch (choice % 6) {
	case 0:
		rc = ce_text_set(document, ce_text_section(entry), ce_text_key(entry), values[0], NULL);
		break;
	case 1:
		rc = ce_text_set(document, NULL, "server.ssl.key-store", values[0], NULL);
		break;
	case 2:
		rc = ce_text_change(document, entry, choice >> 6, values[0], NULL);
		break;
	case 3:
		rc = ce_text_add(document, entry, NULL, "listen", values, &added, NULL);
		break;
	case 4:
		rc = ce_text_drop(document, entry, NULL);
		break;
	default:
		rc = ce_text_set(document, ce_text_section(entry), "new", values[0], NULL);
		break;
	}
	if (rc == CE_ERR_MEMORY)
		abort();
}

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	CE_CLEANUP(ce_textp) ce_text *document = NULL, *again = NULL;
	if (size < 2 || size > CE_TEXT_BYTES_MAX / 64)
		return 0;
	int syntax = data[0] % 6;
	struct ce_bytes bytes = { data + 1, size - 1 };
	if (ce_text_open(bytes, syntax, &document, NULL) < 0)
		return 0;

	ce_text_entry *entry = ce_text_first(document);
	for (size_t i = 0; entry && i < 8; i++) {
		edit_one(document, entry, data[size - 1 - i % size]);
		entry = ce_text_first(document);
		for (unsigned skip = data[(i * 7) % size] % 16; entry && skip > 0; skip--)
			entry = ce_text_next(entry);
	}
	if (ce_text_open(ce_text_bytes(document), syntax, &again, NULL) < 0)
		abort();
	const ce_text_entry *a = ce_text_first(document), *b = ce_text_first(again);
	for (; a && b && strcmp(ce_text_key(a), ce_text_key(b)) == 0; a = ce_text_next(a))
		b = ce_text_next(b);
	if (a || b)
		abort();
	return 0;
}
