/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Fields of requests: one table an operation says what may stand in its path, query and body, and
 * where each value goes in the operation's input struct. The reader (roles/api/input.h) refuses all
 * else; openapi.json and the reference show the same table.
 *
 *	struct tag_input { struct str name; uint32_t limit; };
 *	static const struct field tag_fields[] = {
 *		FIELD_PATH(FIELD_NAME, struct tag_input, name, "a domain"),
 *		FIELD_QUERY(FIELD_UINT, struct tag_input, limit, "at most so many", .least = 1, .most = 1000),
 *		FIELD_END
 *	};
 */
#ifndef DSS_ROLES_API_FIELD_H
#define DSS_ROLES_API_FIELD_H

#include "base/str.h"

enum field_type {
	FIELD_TEXT,   /**< struct str: UTF-8, least to most characters, no control characters */
	FIELD_LINES,  /**< the same, with line breaks and tabs */
	FIELD_WORD,   /**< struct str: letters, digits and . _ - : / @ + * only */
	FIELD_UINT,   /**< unsigned of 4 or 8 bytes, least to most */
	FIELD_BOOL,   /**< bool; in a query: true or false */
	FIELD_CHOICE, /**< an enum of 4 bytes: index into words */
	FIELD_TIME,   /**< int64_t, UTC microseconds, from RFC 3339 */
	FIELD_DATE_OR_TIME, /**< the same, or a date: its first moment in UTC */
	FIELD_ID,           /**< uint8_t[16] from "PREFIX_…" */
	FIELD_NAME,         /**< struct str: a domain name, kept as A-labels in lower case */
	FIELD_OBJECT,       /**< its members are .of, into the same struct */
	FIELD_JSON          /**< struct str: an object of at most `most` bytes, as text */
};

enum field_in { IN_BODY, IN_QUERY, IN_PATH };

enum field_flag {
	FIELD_REQUIRED = 1,
	FIELD_NULLABLE = 2, /**< of a merge patch: null takes the value away */
	FIELD_LIST = 4,     /**< an array of at most items_most; in a query: commas */
	FIELD_SECRET = 8    /**< never shown back, not even in an error */
};

enum { FIELD_ITEMS = 100, FIELDS_MAX = 64, TEXT_MOST = 200 };

struct field {
	const char *name;
	uint8_t type;  /**< enum field_type */
	uint8_t in;    /**< enum field_in */
	uint8_t flags; /**< enum field_flag */
	uint16_t offset, size;
	uint16_t count_offset; /**< FIELD_LIST: of the size_t count; at offset stands a pointer */
	uint64_t least, most;
	uint32_t items_most;      /**< 0: FIELD_ITEMS */
	const char *const *words; /**< FIELD_CHOICE: NULL-terminated */
	const char *prefix;       /**< FIELD_ID */
	const char *fallback;     /**< as it would stand in a query */
	const struct field *of;   /**< FIELD_OBJECT */
	const char *help, *example;
};

#define FIELD_OF(IN, TYPE, S, M, HELP, ...)                                                        \
	{                                                                                          \
		.name = #M, .type = (TYPE), .in = (IN), .offset = offsetof(S, M),                  \
		.size = sizeof(((S *)0)->M), .help = (HELP), __VA_ARGS__                           \
	}
#define FIELD_BODY(TYPE, S, M, HELP, ...) FIELD_OF(IN_BODY, TYPE, S, M, HELP, __VA_ARGS__)
#define FIELD_QUERY(TYPE, S, M, HELP, ...) FIELD_OF(IN_QUERY, TYPE, S, M, HELP, __VA_ARGS__)
#define FIELD_PATH(TYPE, S, M, HELP, ...)                                                          \
	FIELD_OF(IN_PATH, TYPE, S, M, HELP, .flags = FIELD_REQUIRED, __VA_ARGS__)
/** M is a pointer to T; C the size_t member that counts; FLAGS besides FIELD_LIST. */
#define FIELD_ARRAY(IN, TYPE, S, M, C, FLAGS, HELP, ...)                                           \
	{                                                                                          \
		.name = #M, .type = (TYPE), .in = (IN), .flags = FIELD_LIST | (FLAGS),             \
		.offset = offsetof(S, M), .size = sizeof(*((S *)0)->M),                            \
		.count_offset = offsetof(S, C), .help = (HELP), __VA_ARGS__                        \
	}
#define FIELD_END                                                                                  \
	{                                                                                          \
		.name = NULL                                                                       \
	}

/** What a value may be, for people: "1 to 1000", "one of info, low, medium". */
void field_put_rule(struct buf *out, const struct field *field);
/** The pattern of a field's text in openapi.json; NULL: any. */
const char *field_pattern(struct arena *a, const struct field *field);

#endif
