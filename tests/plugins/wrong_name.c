/* Its file is called otherwise. */
#include "misfit.h"

PLUGIN("other-name", fine, fine, NULL);
