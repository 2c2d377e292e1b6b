/* What the parts of the text editor share. */
#ifndef CE_EDIT_TEXT_OWN_H
#define CE_EDIT_TEXT_OWN_H

#include <stdint.h>

#include "edit/text.h"

/* A value and where it stands: with its quotes, without what separates it. */
struct ce_text_value {
	const char *text; /* NULL: it stands elsewhere (an alias) */
	size_t start, end;
	int style;        /* the syntax's own */
};

struct ce_text_entry {
	struct ce_text_entry *next, *parent;
	const char *section, *key;
	struct ce_text_value *values;
	size_t value_count;
	size_t start, end;  /* what goes when it is dropped */
	size_t inner;       /* of a block: behind its opening brace; else 0 */
	unsigned depth;
	long line;
	const char *fixed;  /* why it cannot be changed; NULL: it can */
	const char *rooted; /* why it cannot be dropped; NULL: it can */
};

/* A part of a document that entries can be added to: a section, or a mapping of YAML. */
struct ce_text_place {
	struct ce_text_place *next;
	const char *section, *path; /* path "": the section itself */
	size_t end;                 /* where a line behind its last entry begins */
	size_t indent;
	const char *fixed;          /* why nothing can be added; NULL: it can */
};

struct ce_text_syntax_of;
struct ce_text_piece;

struct ce_text {
	const struct ce_text_syntax_of *syntax;
	struct ce_buf bytes;
	uint64_t opened;              /* digest of the bytes as they were opened */
	size_t opened_size;
	struct ce_text_entry *first, *last;
	struct ce_text_place *places, *last_place;
	size_t entry_count;
	struct ce_text_piece *pieces; /* all memory of entries, places and texts */
	size_t allocated;
};

/* A splice: bytes start..end become text. */
struct ce_text_splice {
	size_t start, end;
	struct ce_buf text;
};

struct ce_text_syntax_of {
	/* Fills entries and places from the bytes. */
	int (*scan)(ce_text *document, struct ce_error *err);
	/* Writes a value as it stands in the file; old: the one it replaces, NULL for a new entry. */
	int (*encode)(const char *value, const struct ce_text_value *old, struct ce_buf *out, struct ce_error *err);
	/* Where and as what a new entry is written. */
	int (*place)(ce_text *document, const struct ce_text_entry *added, struct ce_text_splice *splice,
		struct ce_error *err);
};

extern const struct ce_text_syntax_of ce_text_properties, ce_text_directives, ce_text_ini, ce_text_yaml, ce_text_nginx;

/* ----- text_pool.c: memory that lives as long as the document, wiped in the end */
void *ce_text_allocate(ce_text *document, size_t size, struct ce_error *err);
const char *ce_text_copy(ce_text *document, const void *text, size_t size, struct ce_error *err);
/* Moves all memory of from to document. */
void ce_text_adopt(ce_text *document, ce_text *from);
void ce_text_drop_pieces(ce_text *document);

/* ----- text.c */
/* A new entry behind the last. */
CE_MUSTCHECK int ce_text_entry_new(ce_text *document, const char *section, const char *key, size_t at,
	struct ce_text_entry **ret_entry, struct ce_error *err);
CE_MUSTCHECK int ce_text_value_new(ce_text *document, struct ce_text_entry *entry, const char *text, size_t start,
	size_t end, struct ce_error *err);
CE_MUSTCHECK int ce_text_place_new(ce_text *document, const char *section, const char *path, size_t end,
	struct ce_text_place **ret_place, struct ce_error *err);
/* CE_OK when got reads as document is meant; then the byte ranges of got are taken over. */
CE_MUSTCHECK int ce_text_compare(ce_text *document, ce_text *got, struct ce_error *err);
CE_MUSTCHECK int ce_text_rescan(ce_text *document, const struct ce_text_splice *splice, struct ce_error *err);
uint64_t ce_text_digest(const struct ce_buf *bytes);

/* ----- text_lines.c: lines end with LF, CR LF or CR */
size_t ce_text_line_start(const ce_text *document, size_t at);
/* Where the line ends, and where the next begins. */
size_t ce_text_line_end(const ce_text *document, size_t at);
size_t ce_text_line_next(const ce_text *document, size_t at);
long ce_text_line_number(const ce_text *document, size_t at);
/* The line end the file uses: that of its first line. */
const char *ce_text_eol(const ce_text *document);
/* Blanks are space and tab. */
size_t ce_text_skip_blanks(const ce_text *document, size_t at, size_t end);
bool ce_text_only_blanks(const ce_text *document, size_t start, size_t end);
size_t ce_text_bom(const ce_text *document);
/* Makes splice->text lines at splice->start: an end of line goes before them where the one before has none. */
CE_MUSTCHECK int ce_text_as_lines(const ce_text *document, struct ce_text_splice *splice, struct ce_error *err);
/* A value as it is, for syntaxes without quotes: no control characters, no blanks around it. */
CE_MUSTCHECK int ce_text_literal(const char *value, struct ce_buf *out, struct ce_error *err);
/* The next code point of valid UTF-8, moving *at; CE_ERR_INVALID for anything else. */
CE_MUSTCHECK int ce_text_code_point(const char **at, uint32_t *ret_point, struct ce_error *err);
CE_MUSTCHECK int ce_text_add_utf8(struct ce_buf *out, uint32_t point, struct ce_error *err);

/* ----- text_sections.c: where a line for a new entry goes in a syntax of lines; the entries whose keys begin alike
 * stay together. */
struct ce_text_place *ce_text_place_of(const ce_text *document, const char *section, const char *path);
CE_MUSTCHECK int ce_text_place_line(ce_text *document, const struct ce_text_entry *added, size_t *ret_at,
	struct ce_error *err);

/* ----- text_yaml_add.c */
CE_MUSTCHECK int ce_text_yaml_encode(const char *value, const struct ce_text_value *old, struct ce_buf *out,
	struct ce_error *err);
CE_MUSTCHECK int ce_text_yaml_place(ce_text *document, const struct ce_text_entry *added,
	struct ce_text_splice *splice, struct ce_error *err);

#endif
