/* Crashes while it is loaded. */
#include "misfit.h"

#include <signal.h>

static __attribute__((constructor)) void
early(void)
{
	signal(SIGSEGV, SIG_DFL); /* a sanitizer would make a report of it */
	raise(SIGSEGV);
}

PLUGIN("constructor-crash", fine, fine, NULL);
