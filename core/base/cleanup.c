#include "base/cleanup.h"

#include <string.h>

#include "base/buf.h"
#include "base/sys.h"

void
ce_closep(int *fd)
{
	if (*fd >= 0)
		(void)ce_sys->close(*fd); /* the failure path: nothing was written that counts */
	*fd = -1;
}

void
ce_wipe_strp(char **text)
{
	if (*text)
		ce_wipe(*text, strlen(*text));
	free(*text);
	*text = NULL;
}
