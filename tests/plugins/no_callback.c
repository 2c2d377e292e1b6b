/* Cannot reload. */
#include "misfit.h"

PLUGIN("no-callback", fine, NULL, NULL);
