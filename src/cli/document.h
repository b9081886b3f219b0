/* SPDX-License-Identifier: Apache-2.0 */
/** A JSON document as a tree in an arena: what the API answers, for commands that show it. */
#ifndef DSS_CLI_DOCUMENT_H
#define DSS_CLI_DOCUMENT_H

#include "base/err.h"
#include "base/str.h"

enum document_type {
	DOCUMENT_NULL,
	DOCUMENT_TRUE,
	DOCUMENT_FALSE,
	DOCUMENT_NUMBER, /**< text has it as written */
	DOCUMENT_TEXT,
	DOCUMENT_ARRAY,
	DOCUMENT_OBJECT
};

enum { DOCUMENT_DEPTH_MAX = 32 };

struct document {
	enum document_type type;
	struct str name;        /**< as a member of an object */
	struct str text;        /**< NUMBER, TEXT: foreign bytes */
	struct document *items; /**< ARRAY, OBJECT */
	size_t count;
};

/** ERR_SYNTAX: no JSON (RFC 8259), a name twice, or too deep. */
int document_parse(struct arena *a, struct str text, struct document *ret) MUST_USE;

/** By names, and places in arrays, with dots: "open.high", "findings.0.text". A null document when
 * one is missing. */
const struct document *document_at(const struct document *document, const char *path);
/** The text of a number or text; "yes", "no"; the items of an array with commas; else empty. */
struct str document_text(struct arena *a, const struct document *document, const char *path);
/** Of a whole number; 0 else. */
int64_t document_int(const struct document *document, const char *path);

#endif
