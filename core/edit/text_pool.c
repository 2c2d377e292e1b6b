/* The memory of a document: pieces that are wiped and freed together, since configurations hold passwords. */
#include <string.h>

#include "edit/text_own.h"

/* Each change scans the file anew, so this bounds their number too. */
#define ALLOCATED_MAX (64u << 20)

struct ce_text_piece {
	struct ce_text_piece *next;
	size_t size;
	_Alignas(max_align_t) unsigned char data[];
};

void *
ce_text_allocate(ce_text *document, size_t size, struct ce_error *err)
{
	if (document->allocated > ALLOCATED_MAX || size > ALLOCATED_MAX - document->allocated) {
		ce_fail(err, CE_ERR_LIMIT, "the file has too many entries, or it was changed too often");
		return NULL;
	}
	struct ce_text_piece *piece = calloc(1, sizeof(*piece) + size);
	if (!piece) {
		ce_fail(err, CE_ERR_MEMORY, "out of memory");
		return NULL;
	}
	piece->size = size;
	piece->next = document->pieces;
	document->pieces = piece;
	document->allocated += size;
	return piece->data;
}

const char *
ce_text_copy(ce_text *document, const void *text, size_t size, struct ce_error *err)
{
	char *copy = ce_text_allocate(document, size + 1, err);
	if (copy && size > 0)
		memcpy(copy, text, size);
	return copy;
}

void
ce_text_adopt(ce_text *document, ce_text *from)
{
	struct ce_text_piece **end = &from->pieces;
	while (*end)
		end = &(*end)->next;
	*end = document->pieces;
	document->pieces = CE_STEAL(from->pieces);
	document->allocated += from->allocated;
}

void
ce_text_drop_pieces(ce_text *document)
{
	while (document->pieces) {
		struct ce_text_piece *next = document->pieces->next;
		ce_wipe(document->pieces->data, document->pieces->size);
		free(document->pieces);
		document->pieces = next;
	}
}
