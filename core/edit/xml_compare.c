/* The proof behind an edit: what was written, parsed again, means what was intended. */
#include "edit/xml_internal.h"

#include <string.h>

/* The next attribute from *at on that is meant to be there. */
static const struct ce_xml_attribute *
next_attribute(const ce_xml_element *element, size_t *at)
{
	while (*at < element->attribute_count) {
		const struct ce_xml_attribute *attribute = &element->attributes[(*at)++];
		if (attribute->now)
			return attribute;
	}
	return NULL;
}

/* Attributes in order: those that were there, then those that were added. */
static bool
same_attributes(const ce_xml_element *meant, const ce_xml_element *got)
{
	size_t at_meant = 0, at_got = 0;
	for (;;) {
		const struct ce_xml_attribute *a = next_attribute(meant, &at_meant);
		const struct ce_xml_attribute *b = next_attribute(got, &at_got);
		if (!a || !b)
			return !a && !b;
		if (strcmp(a->name, b->name) != 0 || strcmp(a->now, b->now) != 0)
			return false;
	}
}

static int
compare_element(const ce_xml_element *meant, const ce_xml_element *got, struct ce_error *err)
{
	if (strcmp(meant->name, got->name) != 0 || meant->content != got->content || !same_attributes(meant, got))
		return ce_fail(err, CE_ERR_REFUSED,
			"the edit of '%s' would not read back as meant (line %ld of the result); nothing was changed",
			meant->name, got->line);

	const ce_xml_element *a = ce_xml_child(meant);
	const ce_xml_element *b = ce_xml_child(got);
	while (a && b) {
		int rc = compare_element(a, b, err);
		if (rc < 0)
			return rc;
		a = ce_xml_next(a);
		b = ce_xml_next(b);
	}
	if (a || b)
		return ce_fail(err, CE_ERR_REFUSED,
			"the elements in '%s' would not read back as meant (line %ld of the result); nothing was changed",
			meant->name, got->line);
	return CE_OK;
}

int
ce_xml_compare(const ce_xml *meant, const ce_xml *got, struct ce_error *err)
{
	if (meant->content != got->content)
		return ce_fail(err, CE_ERR_REFUSED, "the edit would change what stands around the root element");
	return compare_element(meant->root, got->root, err);
}
