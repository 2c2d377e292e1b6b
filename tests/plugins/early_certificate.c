/* Asks for the certificate before there is one. */
#include "misfit.h"

static int
create(const struct ce_services *s, ce_call *call, void **ret_instance)
{
	const struct ce_certificate_facts *facts = NULL;
	*ret_instance = NULL;
	(void)s->certificate(call, &facts);
	return CE_OK;
}

DECLARED;
const struct certengine_plugin certengine_plugin = {
	HEAD("early-certificate"), .options = no_options,
	.create = create, .install = fine, .reload = fine, .endpoints = fine,
};
