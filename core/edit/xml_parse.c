/* From bytes to the tree, with expat; byte ranges within a start tag are found by xml_scan.c. */
#include "edit/xml_internal.h"

#include <expat.h>
#include <string.h>
#include <strings.h>

struct parse {
	XML_Parser parser;
	ce_xml *document;
	ce_xml_element *open; /* the innermost element */
	int code;             /* the first failure of a handler */
	struct ce_error *err;
};

static void
free_parser(XML_Parser *parser)
{
	if (*parser)
		XML_ParserFree(*parser);
}

static void
stop(struct parse *parse, int code)
{
	if (parse->code == CE_OK)
		parse->code = code;
	(void)XML_StopParser(parse->parser, XML_FALSE); /* fails only when it is stopped already */
}

static int
start_element(struct parse *parse, const char *name, const char **values)
{
	ce_xml *document = parse->document;
	unsigned depth = parse->open ? parse->open->depth + 1 : 1;
	long line = (long)XML_GetCurrentLineNumber(parse->parser);
	if (depth > CE_XML_DEPTH_MAX)
		return ce_fail(parse->err, CE_ERR_REFUSED, "line %ld: elements are nested deeper than %d", line,
			CE_XML_DEPTH_MAX);

	ce_xml_element *element = NULL;
	int rc = ce_xml_element_new(document, name, &element, parse->err);
	if (rc < 0)
		return rc;

	element->line = line;
	element->depth = depth;
	element->start = (size_t)XML_GetCurrentByteIndex(parse->parser);
	rc = ce_xml_scan_start(element, values, parse->err);
	if (rc < 0)
		return rc;

	if (parse->open)
		ce_xml_link(parse->open, NULL, element);
	else
		document->root = element;
	parse->open = element;
	return CE_OK;
}

static void XMLCALL
on_start(void *context, const char *name, const char **values)
{
	struct parse *parse = context;
	if (parse->code != CE_OK)
		return;

	int rc = start_element(parse, name, values);
	if (rc < 0)
		stop(parse, rc);
}

static void XMLCALL
on_end(void *context, const char *name)
{
	struct parse *parse = context;
	(void)name;
	if (parse->code != CE_OK)
		return;

	ce_xml_element *element = parse->open;
	const struct ce_buf *bytes = &parse->document->bytes;
	if (element->empty_tag) {
		element->end_tag = element->end = element->tag_end;
	} else {
		element->end_tag = (size_t)XML_GetCurrentByteIndex(parse->parser);
		element->end = element->end_tag;
		while (element->end < bytes->size && bytes->data[element->end] != '>')
			element->end++;
		element->end++;
	}
	parse->open = element->parent;
}

static void
digest(struct parse *parse, const char *text, size_t size, bool skip_white)
{
	uint64_t *sum = parse->open ? &parse->open->content : &parse->document->content;
	for (size_t i = 0; i < size; i++) {
		if (skip_white && strchr(" \t\r\n", text[i]))
			continue;
		*sum = (*sum ^ (unsigned char)text[i]) * CE_XML_DIGEST_PRIME;
	}
}

static void XMLCALL
on_text(void *context, const char *text, int size)
{
	digest(context, text, (size_t)size, true);
}

static void XMLCALL
on_comment(void *context, const char *text)
{
	digest(context, "\1", 1, false);
	digest(context, text, strlen(text) + 1, false);
}

static void XMLCALL
on_instruction(void *context, const char *target, const char *data)
{
	digest(context, "\2", 1, false);
	digest(context, target, strlen(target) + 1, false);
	digest(context, data, strlen(data) + 1, false);
}

static void XMLCALL
on_doctype(void *context, const char *name, const char *system, const char *public, int has_subset)
{
	struct parse *parse = context;
	(void)name;
	(void)system;
	(void)public;
	(void)has_subset;
	stop(parse, ce_fail(parse->err, CE_ERR_REFUSED, "line %lu: files with a DOCTYPE are not read",
		(unsigned long)XML_GetCurrentLineNumber(parse->parser)));
}

static void XMLCALL
on_declaration(void *context, const char *version, const char *encoding, int standalone)
{
	static const char *const known[] = { "UTF-8", "US-ASCII", "ISO-8859-1" };
	struct parse *parse = context;
	(void)version;
	(void)standalone;
	if (!encoding)
		return;

	for (size_t i = 0; i < CE_COUNT(known); i++) {
		if (strcasecmp(encoding, known[i]) == 0) {
			parse->document->utf8 = i == 0;
			return;
		}
	}
	stop(parse, ce_fail(parse->err, CE_ERR_REFUSED, "files in the encoding '%s' are not read; use UTF-8", encoding));
}

/* UTF-16 and UTF-32 need no declaration: they show a zero byte or their own mark at the front. */
static bool
is_wide(struct ce_bytes bytes)
{
	if (bytes.size >= 2 && (memcmp(bytes.data, "\xff\xfe", 2) == 0 || memcmp(bytes.data, "\xfe\xff", 2) == 0))
		return true;
	return memchr(bytes.data, 0, bytes.size < 4 ? bytes.size : 4) != NULL;
}

static int
run_parser(struct parse *parse)
{
	XML_Parser parser = parse->parser;
	XML_SetUserData(parser, parse);
	XML_SetElementHandler(parser, on_start, on_end);
	XML_SetCharacterDataHandler(parser, on_text);
	XML_SetCommentHandler(parser, on_comment);
	XML_SetProcessingInstructionHandler(parser, on_instruction);
	XML_SetStartDoctypeDeclHandler(parser, on_doctype);
	XML_SetXmlDeclHandler(parser, on_declaration);

	const struct ce_buf *bytes = &parse->document->bytes;
	enum XML_Status status = XML_Parse(parser, (const char *)bytes->data, (int)bytes->size, XML_TRUE);
	if (parse->code != CE_OK)
		return parse->code;
	if (status != XML_STATUS_OK)
		return ce_fail(parse->err, CE_ERR_INVALID, "line %lu: no well-formed XML: %s",
			(unsigned long)XML_GetCurrentLineNumber(parser), XML_ErrorString(XML_GetErrorCode(parser)));
	return CE_OK;
}

int
ce_xml_parse(struct ce_bytes bytes, ce_xml **ret_document, struct ce_error *err)
{
	if (bytes.size == 0)
		return ce_fail(err, CE_ERR_INVALID, "the file is empty");
	if (bytes.size > CE_XML_BYTES_MAX)
		return ce_fail(err, CE_ERR_REFUSED, "the file is larger than %u bytes", CE_XML_BYTES_MAX);
	if (is_wide(bytes))
		return ce_fail(err, CE_ERR_REFUSED, "files in UTF-16 or UTF-32 are not read; use UTF-8");

	CE_CLEANUP(ce_xmlp) ce_xml *document = calloc(1, sizeof(*document));
	if (!document)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");

	document->bytes.secret = true; /* server.xml may hold passwords */
	document->utf8 = true;
	document->content = CE_XML_DIGEST_START;
	int rc = ce_buf_add(&document->bytes, bytes.data, bytes.size, err);
	if (rc < 0)
		return rc;

	CE_CLEANUP(free_parser) XML_Parser parser = XML_ParserCreate(NULL);
	if (!parser)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");

	struct parse parse = { parser, document, NULL, CE_OK, err };
	rc = run_parser(&parse);
	if (rc < 0)
		return rc;

	*ret_document = CE_STEAL(document);
	return CE_OK;
}
