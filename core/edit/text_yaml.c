/* YAML, with libyaml: its marks say where each scalar stands. Entries are the scalars, their keys the path to them as
 * Spring Boot flattens it: server.ssl.key-alias, names[0]. */
#include <string.h>
#include <yaml.h>

#include "edit/text_own.h"

#define KEYS_MAX 2000 /* in one mapping */

struct scan {
	ce_text *document;
	yaml_parser_t parser;
	uint32_t *offsets;    /* of each character, when there is one beyond ASCII; marks count characters */
	size_t characters, bom;
	const char *section;
	unsigned depth;
};

/* A node: where it stands and what is special about it. */
struct node {
	const char *path;
	size_t key_start;     /* of its pair; for an item its own start */
	size_t entries;       /* how many entries it gave */
	size_t end;           /* behind it */
	const char *fixed, *rooted;
	bool flow, merges;
	size_t indent;
};

static void
release_scan(struct scan *scan)
{
	yaml_parser_delete(&scan->parser);
	free(scan->offsets);
}

static void
release_event(yaml_event_t *event)
{
	yaml_event_delete(event);
}

CE_MUSTCHECK static int
map_offsets(struct scan *scan, struct ce_error *err)
{
	const struct ce_buf *bytes = &scan->document->bytes;
	size_t at = scan->bom;
	scan->offsets = calloc(bytes->size + 1, sizeof(*scan->offsets));
	if (!scan->offsets)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	for (; at < bytes->size; at++)
		if ((bytes->data[at] & 0xc0) != 0x80)
			scan->offsets[scan->characters++] = (uint32_t)at;
	scan->offsets[scan->characters] = (uint32_t)bytes->size;
	return CE_OK;
}

static size_t
offset_of(const struct scan *scan, const yaml_mark_t *mark)
{
	return scan->offsets[mark->index < scan->characters ? mark->index : scan->characters];
}

CE_MUSTCHECK static int
next_event(struct scan *scan, yaml_event_t *event, struct ce_error *err)
{
	if (yaml_parser_parse(&scan->parser, event))
		return CE_OK;
	const char *problem = scan->parser.problem ? scan->parser.problem : "it cannot be read";
	return ce_fail(err, scan->parser.error == YAML_MEMORY_ERROR ? CE_ERR_MEMORY : CE_ERR_INVALID,
		"line %zu: no YAML: %s", scan->parser.problem_mark.line + 1, problem);
}

CE_MUSTCHECK static int
add_entry(struct scan *scan, struct node *node, const yaml_event_t *event, const char *text, struct ce_error *err)
{
	ce_text *document = scan->document;
	struct ce_text_entry *entry = NULL;
	size_t start = offset_of(scan, &event->start_mark), end = offset_of(scan, &event->end_mark);
	int rc = ce_text_entry_new(document, scan->section, node->path, node->key_start, &entry, err);
	if (rc == CE_OK)
		rc = ce_text_value_new(document, entry, text, start, end, err);
	if (rc < 0)
		return rc;
	entry->fixed = node->fixed;
	entry->rooted = node->rooted;
	entry->line = (long)event->start_mark.line + 1;
	entry->values[0].style = event->type == YAML_SCALAR_EVENT ? (int)event->data.scalar.style : 0;
	/* A block scalar ends where the next token begins; what is empty there belongs to nobody. */
	node->end = event->end_mark.column == 0 && end > start ? end : ce_text_line_next(document, end);
	node->entries = 1;
	entry->end = node->end;
	return CE_OK;
}

CE_MUSTCHECK static int
scan_scalar(struct scan *scan, struct node *node, const yaml_event_t *event, struct ce_error *err)
{
	yaml_scalar_style_t style = event->data.scalar.style;
	const char *value = (const char *)event->data.scalar.value;
	size_t size = event->data.scalar.length;
	if (memchr(value, '\0', size))
		return ce_fail(err, CE_ERR_REFUSED, "line %zu: a zero byte in a text", event->start_mark.line + 1);
	if (event->data.scalar.anchor)
		node->fixed = "it has an anchor";
	else if (event->data.scalar.tag)
		node->fixed = "it has a tag";
	else if (style == YAML_LITERAL_SCALAR_STYLE || style == YAML_FOLDED_SCALAR_STYLE)
		node->fixed = "its value goes on over several lines";
	const char *text = ce_text_copy(scan->document, value, size, err);
	return text ? add_entry(scan, node, event, text, err) : CE_ERR_MEMORY;
}

CE_MUSTCHECK static int scan_node(struct scan *scan, struct node *node, const yaml_event_t *event,
	struct ce_error *err);

static const char *
join(struct scan *scan, const char *path, const char *key, struct ce_error *err)
{
	CE_CLEANUP(ce_buf_release) struct ce_buf out = CE_BUF_INIT;
	if (ce_buf_addf(&out, err, "%s%s%s", path, path[0] != '\0' && key[0] != '[' ? "." : "", key) < 0)
		return NULL;
	return ce_text_copy(scan->document, out.data, out.size, err);
}

/* A node of a collection: what holds for the collection holds for it. */
CE_MUSTCHECK static int
scan_child(struct scan *scan, struct node *parent, struct node *child, const yaml_event_t *event, struct ce_error *err)
{
	struct ce_text_entry *before = scan->document->last;
	int rc = scan_node(scan, child, event, err);
	if (rc < 0)
		return rc;
	/* A pair of which nothing else would be left goes with its only entry. */
	struct ce_text_entry *first = before ? before->next : scan->document->first;
	if (child->entries == 1 && first) {
		first->start = child->key_start;
		first->end = child->end;
		first->rooted = child->rooted;
	}
	parent->entries += child->entries;
	parent->end = child->end > parent->end ? child->end : parent->end;
	return CE_OK;
}

/* ------------------------------------------------------------------- mappings */

struct keys {
	const char *names[KEYS_MAX];
	size_t count;
};

CE_MUSTCHECK static int
take_key(struct scan *scan, struct node *node, const yaml_event_t *event, struct keys *keys, const char **ret_key,
	struct ce_error *err)
{
	size_t line = event->start_mark.line + 1;
	if (event->type != YAML_SCALAR_EVENT || event->data.scalar.anchor || event->data.scalar.tag)
		return ce_fail(err, CE_ERR_REFUSED, "line %zu: a key that is no plain text is not read", line);
	const char *text = (const char *)event->data.scalar.value;
	for (size_t i = 0; i < keys->count; i++)
		if (strcmp(keys->names[i], text) == 0)
			return ce_fail(err, CE_ERR_REFUSED, "line %zu: the key '%s' stands in its mapping twice", line, text);
	if (keys->count >= KEYS_MAX)
		return ce_fail(err, CE_ERR_LIMIT, "line %zu: a mapping has more than %d keys", line, KEYS_MAX);
	const char *key = ce_text_copy(scan->document, text, event->data.scalar.length, err);
	if (!key)
		return CE_ERR_MEMORY;
	keys->names[keys->count++] = key;
	node->merges = node->merges || strcmp(key, "<<") == 0;
	*ret_key = key;
	return CE_OK;
}

/* Where the pair begins: its line, if nothing else stands before it there. */
static void
settle_pair(struct scan *scan, const struct node *mapping, struct node *child, size_t key)
{
	size_t line = ce_text_line_start(scan->document, key);
	child->fixed = mapping->fixed;
	child->key_start = line;
	child->rooted = mapping->fixed;
	if (mapping->flow)
		child->rooted = "it stands in a mapping in braces";
	else if (!ce_text_only_blanks(scan->document, line, key))
		child->rooted = "its line holds more than its key and value";
}

CE_MUSTCHECK static int
scan_pair(struct scan *scan, struct node *node, const yaml_event_t *key_event, struct keys *keys, struct ce_error *err)
{
	const char *key = NULL;
	struct node child = { .path = NULL };
	int rc = take_key(scan, node, key_event, keys, &key, err);
	if (rc < 0)
		return rc;
	child.path = join(scan, node->path, key, err);
	if (!child.path)
		return CE_ERR_MEMORY;
	settle_pair(scan, node, &child, offset_of(scan, &key_event->start_mark));
	if (keys->count == 1)
		node->indent = key_event->start_mark.column;
	CE_CLEANUP(release_event) yaml_event_t event = { .type = YAML_NO_EVENT };
	rc = next_event(scan, &event, err);
	return rc < 0 ? rc : scan_child(scan, node, &child, &event, err);
}

CE_MUSTCHECK static int
scan_pairs(struct scan *scan, struct node *node, struct keys *keys, struct ce_error *err)
{
	for (;;) {
		CE_CLEANUP(release_event) yaml_event_t event = { .type = YAML_NO_EVENT };
		int rc = next_event(scan, &event, err);
		if (rc < 0)
			return rc;
		if (event.type == YAML_MAPPING_END_EVENT) {
			size_t end = offset_of(scan, &event.end_mark);
			node->end = node->flow ? ce_text_line_next(scan->document, end) : node->end;
			return CE_OK;
		}
		rc = scan_pair(scan, node, &event, keys, err);
		if (rc < 0)
			return rc;
	}
}

CE_MUSTCHECK static int
scan_mapping(struct scan *scan, struct node *node, const yaml_event_t *start, struct ce_error *err)
{
	struct ce_text_place *place = NULL;
	CE_CLEANUP(ce_freep) struct keys *keys = calloc(1, sizeof(*keys));
	if (!keys)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	if (start->data.mapping_start.anchor)
		node->fixed = "it stands below an anchor";
	else if (start->data.mapping_start.tag)
		node->fixed = "it stands below a tag";
	node->flow = start->data.mapping_start.style == YAML_FLOW_MAPPING_STYLE;
	int rc = scan_pairs(scan, node, keys, err);
	if (rc == CE_OK && keys->count == 0)
		return add_entry(scan, &(struct node){ .path = node->path, .key_start = node->key_start,
			.fixed = "it is an empty mapping", .rooted = node->rooted }, start, "", err);
	if (rc == CE_OK)
		rc = ce_text_place_new(scan->document, scan->section, node->path, node->end, &place, err);
	if (rc < 0)
		return rc;
	place->indent = node->indent;
	place->fixed = node->flow ? "it is a mapping in braces" : node->merges ? "it merges another mapping" : node->fixed;
	return CE_OK;
}

/* ------------------------------------------------------------------ sequences */

CE_MUSTCHECK static int
scan_sequence(struct scan *scan, struct node *node, const yaml_event_t *start, struct ce_error *err)
{
	if (start->data.sequence_start.anchor || start->data.sequence_start.tag)
		node->fixed = "it stands below an anchor or a tag";
	for (size_t i = 0;; i++) {
		char index[32];
		CE_CLEANUP(release_event) yaml_event_t event = { .type = YAML_NO_EVENT };
		int rc = next_event(scan, &event, err);
		if (rc < 0)
			return rc;
		if (event.type == YAML_SEQUENCE_END_EVENT && i == 0)
			return add_entry(scan, &(struct node){ .path = node->path, .key_start = node->key_start,
				.fixed = "it is an empty list", .rooted = node->rooted }, start, "", err);
		if (event.type == YAML_SEQUENCE_END_EVENT)
			return CE_OK;
		(void)snprintf(index, sizeof(index), "[%zu]", i); /* always fits */
		struct node child = { .path = join(scan, node->path, index, err), .fixed = node->fixed,
			.rooted = "it stands in a list", .key_start = offset_of(scan, &event.start_mark) };
		rc = child.path ? scan_child(scan, node, &child, &event, err) : CE_ERR_MEMORY;
		if (rc < 0)
			return rc;
	}
}

/* ---------------------------------------------------------------------- nodes */

static int
scan_node(struct scan *scan, struct node *node, const yaml_event_t *event, struct ce_error *err)
{
	int rc = CE_OK;
	if (++scan->depth > CE_TEXT_DEPTH_MAX)
		return ce_fail(err, CE_ERR_REFUSED, "line %zu: nested deeper than %d", event->start_mark.line + 1,
			CE_TEXT_DEPTH_MAX);
	if (event->type == YAML_MAPPING_START_EVENT) {
		rc = scan_mapping(scan, node, event, err);
	} else if (event->type == YAML_SEQUENCE_START_EVENT) {
		rc = scan_sequence(scan, node, event, err);
	} else if (event->type == YAML_ALIAS_EVENT) {
		node->fixed = "it is an alias";
		rc = add_entry(scan, node, event, NULL, err);
	} else {
		rc = scan_scalar(scan, node, event, err);
	}
	scan->depth--;
	return rc;
}

/* A document: nothing at all, or a mapping. */
CE_MUSTCHECK static int
scan_document(struct scan *scan, const yaml_event_t *start, unsigned number, struct ce_error *err)
{
	char name[16];
	CE_CLEANUP(release_event) yaml_event_t event = { .type = YAML_NO_EVENT };
	struct node root = { .path = "", .rooted = "it is all there is" };
	(void)snprintf(name, sizeof(name), "%u", number); /* always fits */
	scan->section = ce_text_copy(scan->document, name, strlen(name), err);
	int rc = scan->section ? next_event(scan, &event, err) : CE_ERR_MEMORY;
	if (rc < 0)
		return rc;
	if (event.type == YAML_SCALAR_EVENT && event.data.scalar.length == 0 && !event.data.scalar.anchor) {
		struct ce_text_place *place = NULL;
		size_t at = offset_of(scan, &event.start_mark);
		bool marked = !start->data.document_start.implicit;
		return ce_text_place_new(scan->document, scan->section, "", marked ? ce_text_line_next(scan->document, at) : at,
			&place, err);
	}
	if (event.type != YAML_MAPPING_START_EVENT)
		return ce_fail(err, CE_ERR_REFUSED, "line %zu: the document is no mapping of keys to values",
			event.start_mark.line + 1);
	return scan_node(scan, &root, &event, err);
}

CE_MUSTCHECK static int
scan_stream(struct scan *scan, struct ce_error *err)
{
	for (unsigned number = 0;;) {
		CE_CLEANUP(release_event) yaml_event_t event = { .type = YAML_NO_EVENT };
		int rc = next_event(scan, &event, err);
		if (rc == CE_OK && event.type == YAML_DOCUMENT_START_EVENT)
			rc = scan_document(scan, &event, number++, err);
		if (rc < 0 || event.type == YAML_STREAM_END_EVENT)
			return rc;
	}
}

/* libyaml takes a byte order mark for the word on the encoding; UTF-16 has zero bytes and does not come here. */
static int
yaml_scan(ce_text *document, struct ce_error *err)
{
	CE_CLEANUP(release_scan) struct scan scan = { .document = document, .section = "0", .bom = ce_text_bom(document) };
	if (!yaml_parser_initialize(&scan.parser))
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	yaml_parser_set_encoding(&scan.parser, YAML_UTF8_ENCODING);
	const struct ce_buf *bytes = &document->bytes;
	yaml_parser_set_input_string(&scan.parser, bytes->data ? bytes->data + scan.bom : (const unsigned char *)"",
		bytes->size - scan.bom);
	int rc = map_offsets(&scan, err);
	if (rc == CE_OK)
		rc = scan_stream(&scan, err);
	if (rc == CE_OK && !document->places) {
		struct ce_text_place *place = NULL;
		rc = ce_text_place_new(document, "0", "", bytes->size, &place, err);
	}
	return rc;
}

const struct ce_text_syntax_of ce_text_yaml = { yaml_scan, ce_text_yaml_encode, ce_text_yaml_place };
