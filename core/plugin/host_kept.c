/* What services give lives until the callback returns. */
#include <stdlib.h>

#include "plugin/host_call.h"

#define ALLOCATED_MAX (64u << 20)

/* Memory of one allocation, behind its head. */
struct piece {
	struct ce_kept kept;
	_Alignas(max_align_t) unsigned char data[];
};

void
ce_call_keep(struct ce_call *call, struct ce_kept *kept, void (*release)(struct ce_kept *kept))
{
	kept->release = release;
	kept->next = call->kept;
	call->kept = kept;
}

static void
release_piece(struct ce_kept *kept)
{
	free(kept);
}

void *
ce_call_allocate(struct ce_call *call, size_t size)
{
	if (size > ALLOCATED_MAX - call->allocated)
		return NULL;
	struct piece *piece = calloc(1, sizeof(*piece) + size);
	if (!piece)
		return NULL;
	call->allocated += size;
	ce_call_keep(call, &piece->kept, release_piece);
	return piece->data;
}

const char **
ce_call_pointers(struct ce_call *call, size_t count)
{
	return ce_call_allocate(call, (count + 1) * sizeof(const char *));
}

void
ce_call_release(struct ce_call *call)
{
	while (call->kept) {
		struct ce_kept *next = call->kept->next;
		call->kept->release(call->kept);
		call->kept = next;
	}
}
