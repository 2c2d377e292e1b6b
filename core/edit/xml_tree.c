/* The tree: walking it and recording changes. */
#include "edit/xml_internal.h"

#include <string.h>

void
ce_xml_free(ce_xml *document)
{
	if (!document)
		return;

	while (document->chain) {
		ce_xml_element *element = document->chain;
		document->chain = element->chain;
		for (size_t i = 0; i < element->attribute_count; i++) {
			free(element->attributes[i].name);
			ce_wipe_strp(&element->attributes[i].was); /* maybe a password */
			ce_wipe_strp(&element->attributes[i].now);
		}
		free(element->attributes);
		free(element->name);
		free(element);
	}
	while (document->past) {
		struct ce_xml_past *past = document->past;
		document->past = past->next;
		ce_wipe_strp(&past->value);
		free(past);
	}
	ce_buf_release(&document->bytes);
	free(document);
}

void
ce_xmlp(ce_xml **document)
{
	ce_xml_free(*document);
	*document = NULL;
}

static int
count_node(ce_xml *document, struct ce_error *err)
{
	if (document->nodes >= CE_XML_NODES_MAX)
		return ce_fail(err, CE_ERR_LIMIT, "more than %u elements and attributes", CE_XML_NODES_MAX);

	document->nodes++;
	return CE_OK;
}

int
ce_xml_element_new(ce_xml *document, const char *name, ce_xml_element **ret_element, struct ce_error *err)
{
	int rc = count_node(document, err);
	if (rc < 0)
		return rc;

	CE_CLEANUP(ce_freep) ce_xml_element *element = calloc(1, sizeof(*element));
	if (!element)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");

	element->name = strdup(name);
	if (!element->name)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");

	element->content = CE_XML_DIGEST_START;
	element->document = document;
	element->chain = document->chain;
	document->chain = element;
	*ret_element = CE_STEAL(element);
	return CE_OK;
}

/* The array doubles: its size is the power of two that is not less than the count. */
static bool
grow_attributes(ce_xml_element *element)
{
	size_t count = element->attribute_count;
	if ((count & (count - 1)) != 0)
		return true;

	size_t room = count == 0 ? 1 : 2 * count;
	struct ce_xml_attribute *grown = realloc(element->attributes, room * sizeof(*grown));
	if (!grown)
		return false;

	element->attributes = grown;
	return true;
}

int
ce_xml_attribute_new(ce_xml_element *element, const char *name, struct ce_xml_attribute **ret_attribute,
	struct ce_error *err)
{
	int rc = count_node(element->document, err);
	if (rc < 0)
		return rc;

	CE_CLEANUP(ce_freep) char *copy = strdup(name);
	if (!copy || !grow_attributes(element))
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");

	struct ce_xml_attribute *attribute = &element->attributes[element->attribute_count++];
	memset(attribute, 0, sizeof(*attribute));
	attribute->name = CE_STEAL(copy);
	*ret_attribute = attribute;
	return CE_OK;
}

void
ce_xml_link(ce_xml_element *parent, ce_xml_element *before, ce_xml_element *child)
{
	ce_xml_element **place = &parent->first;
	if (!before && parent->last)
		place = &parent->last->following;
	while (*place != before)
		place = &(*place)->following;

	child->parent = parent;
	child->depth = parent->depth + 1;
	child->following = before;
	*place = child;
	if (!before)
		parent->last = child;
}

static ce_xml_element *
kept(ce_xml_element *element)
{
	while (element && element->dropped)
		element = element->following;
	return element;
}

ce_xml_element *
ce_xml_root(ce_xml *document)
{
	return document->root;
}

ce_xml_element *
ce_xml_child(const ce_xml_element *element)
{
	return kept(element->first);
}

ce_xml_element *
ce_xml_next(const ce_xml_element *element)
{
	return kept(element->following);
}

const char *
ce_xml_name(const ce_xml_element *element)
{
	return element->name;
}

long
ce_xml_line(const ce_xml_element *element)
{
	return element->line;
}

static struct ce_xml_attribute *
find_attribute(const ce_xml_element *element, const char *name)
{
	for (size_t i = 0; i < element->attribute_count; i++)
		if (strcmp(element->attributes[i].name, name) == 0)
			return &element->attributes[i];
	return NULL;
}

const char *
ce_xml_attribute(const ce_xml_element *element, const char *name)
{
	const struct ce_xml_attribute *attribute = find_attribute(element, name);
	return attribute ? attribute->now : NULL;
}

void
ce_xml_each_attribute(const ce_xml *document, void (*visit)(const char *name, const char *value, void *context),
	void *context)
{
	for (const ce_xml_element *element = document->chain; element; element = element->chain)
		for (size_t i = 0; i < element->attribute_count; i++)
			if (element->attributes[i].now)
				visit(element->attributes[i].name, element->attributes[i].now, context);
}

/* Names that are added are the product's own words: the ASCII part of XML 1.0 section 2.3 is enough. */
static bool
name_is_plain(const char *name)
{
	static const char first[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_:";
	static const char more[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_:0123456789.-";

	return name[0] != '\0' && strchr(first, name[0]) && name[strspn(name, more)] == '\0';
}

/* The length of the UTF-8 character at text if XML 1.0 section 2.2 allows it, else 0. */
static size_t
character_length(const unsigned char *text)
{
	static const struct {
		unsigned char mask, mark;
		size_t length;
		uint32_t lowest;
	} forms[] = { { 0x80, 0x00, 1, 0 }, { 0xe0, 0xc0, 2, 0x80 }, { 0xf0, 0xe0, 3, 0x800 }, { 0xf8, 0xf0, 4, 0x10000 } };

	for (size_t i = 0; i < CE_COUNT(forms); i++) {
		if ((text[0] & forms[i].mask) != forms[i].mark)
			continue;
		uint32_t value = text[0] & (unsigned char)~forms[i].mask;
		for (size_t k = 1; k < forms[i].length; k++) {
			if ((text[k] & 0xc0) != 0x80)
				return 0;
			value = value << 6 | (text[k] & 0x3f);
		}
		bool control = value < 0x20 && value != '\t' && value != '\n' && value != '\r';
		bool hole = (value >= 0xd800 && value <= 0xdfff) || value == 0xfffe || value == 0xffff;
		return control || hole || value < forms[i].lowest || value > 0x10ffff ? 0 : forms[i].length;
	}
	return 0;
}

static bool
value_is_text(const char *value)
{
	const unsigned char *at = (const unsigned char *)value;
	while (*at != '\0') {
		size_t length = character_length(at);
		if (length == 0)
			return false;
		at += length;
	}
	return true;
}

static bool
is_same(const struct ce_xml_attribute *attribute, const char *value)
{
	const char *now = attribute ? attribute->now : NULL;
	return now && value ? strcmp(now, value) == 0 : now == value;
}

/* Moves the value to the past ones. */
static int
retire(ce_xml *document, struct ce_xml_attribute *attribute, struct ce_error *err)
{
	if (!attribute->now)
		return CE_OK;

	struct ce_xml_past *past = malloc(sizeof(*past));
	if (!past)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");

	past->value = CE_STEAL(attribute->now);
	past->next = document->past;
	document->past = past;
	return CE_OK;
}

int
ce_xml_set(ce_xml *document, ce_xml_element *element, const char *name, const char *value_or_null,
	struct ce_error *err)
{
	if (element->document != document || element->dropped)
		return ce_fail(err, CE_ERR_INVALID, "set '%s' on an element that is not in the document", name);
	if (!name_is_plain(name))
		return ce_fail(err, CE_ERR_INVALID, "'%s' is no name for an attribute", name);
	if (value_or_null && !value_is_text(value_or_null))
		return ce_fail(err, CE_ERR_INVALID, "the value for attribute '%s' has bytes that XML cannot carry", name);

	struct ce_xml_attribute *attribute = find_attribute(element, name);
	if (is_same(attribute, value_or_null))
		return CE_OK;

	CE_CLEANUP(ce_wipe_strp) char *copy = value_or_null ? strdup(value_or_null) : NULL;
	if (value_or_null && !copy)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");

	int rc = attribute ? retire(document, attribute, err) : ce_xml_attribute_new(element, name, &attribute, err);
	if (rc < 0)
		return rc;

	attribute->now = CE_STEAL(copy);
	return CE_OK;
}

int
ce_xml_add(ce_xml *document, ce_xml_element *parent, ce_xml_element *before, const char *name,
	ce_xml_element **ret_element, struct ce_error *err)
{
	if (parent->document != document || parent->dropped)
		return ce_fail(err, CE_ERR_INVALID, "add '%s' to an element that is not in the document", name);
	if (before && (before->parent != parent || before->dropped))
		return ce_fail(err, CE_ERR_INVALID, "add '%s' before an element that is not its sibling", name);
	if (!name_is_plain(name))
		return ce_fail(err, CE_ERR_INVALID, "'%s' is no name for an element", name);
	if (parent->depth >= CE_XML_DEPTH_MAX)
		return ce_fail(err, CE_ERR_LIMIT, "elements are nested deeper than %d", CE_XML_DEPTH_MAX);

	ce_xml_element *element = NULL;
	int rc = ce_xml_element_new(document, name, &element, err);
	if (rc < 0)
		return rc;

	element->added = true;
	ce_xml_link(parent, before, element);
	*ret_element = element;
	return CE_OK;
}

/* Marks what is below as well, so that nothing can be changed in there any more. */
static void
drop_all(ce_xml_element *element)
{
	element->dropped = true;
	for (ce_xml_element *child = element->first; child; child = child->following)
		drop_all(child);
}

int
ce_xml_drop(ce_xml *document, ce_xml_element *element, struct ce_error *err)
{
	if (element->document != document || element->dropped)
		return ce_fail(err, CE_ERR_INVALID, "drop '%s', which is not in the document", element->name);
	if (element == document->root)
		return ce_fail(err, CE_ERR_INVALID, "drop '%s', which is the root of the document", element->name);

	drop_all(element);
	return CE_OK;
}
