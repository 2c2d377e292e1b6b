/* One member of a zip or jar, read from memory. */
#ifndef CE_EDIT_ARCHIVE_H
#define CE_EDIT_ARCHIVE_H

#include "base/buf.h"

/* At most limit bytes. CE_ERR_NOT_FOUND when the archive has no such member, CE_ERR_INVALID when it
 * is none or damaged. */
CE_MUSTCHECK int ce_archive_member(struct ce_bytes archive, const char *member, size_t limit, struct ce_buf *ret_bytes,
	struct ce_error *err);

#endif
