/* SPDX-License-Identifier: Apache-2.0 */
/**
 * From what a tool or an API of strangers wrote to rows of named values, by rules that the operator wrote.
 * Pure; bounded in depth, in values, in rows and in octets before anything is allocated.
 *
 * Formats: `json`; `jsonl` (a JSON value a line; lines that are none are passed over when there is one that
 * is); `xml` (an element is an object: attributes are members "@name", its own text is "#text", children stand
 * by their names, as often as they come; no entities of its own); `csv` (RFC 4180; the first line names the
 * columns); `text` (a row for each line that the pattern `rows` matches).
 *
 * A pointer (RFC 6901) is what `rows`, `next` and the fields of json, jsonl and xml are:
 *	""              the value itself
 *	/ports/0/id     member "ports", its first element, member "id"
 *	*               in place of a name: each element or member; in xml a name means all elements called so
 *	/-1             the last element
 *	~key            at the end: not the value but its name, or its number in an array
 * Where a field's pointer meets several values they are joined with commas. An object or array is no value.
 */
#ifndef DSS_FORMATS_EXTRACT_H
#define DSS_FORMATS_EXTRACT_H

#include "base/err.h"
#include "base/str.h"

enum {
	EXTRACT_BYTES = 4 << 20,       /**< of what is read; the rest is cut off */
	EXTRACT_ROWS = 2000,           /**< at most, whatever the rules say */
	EXTRACT_FIELDS = 32,           /**< of the rules */
	EXTRACT_VALUE_BYTES = 4096,    /**< of one value; longer ones are cut */
	EXTRACT_TOTAL_BYTES = 1 << 20, /**< of all values */
	EXTRACT_JOINED = 256           /**< values in one field */
};

enum extract_format { EXTRACT_JSON, EXTRACT_JSONL, EXTRACT_XML, EXTRACT_CSV, EXTRACT_TEXT };
/** By number; ends with NULL. */
extern const char *const extract_format_words[];

struct extract_field {
	struct str name;
	struct str from;  /**< pointer; csv: the column's name or number from 1; text: a group */
	struct str split; /**< not empty: each part of the value is a row of its own */
};

enum extract_test {
	EXTRACT_IS,      /**< the same text */
	EXTRACT_IS_NOT,  /**< the field is there, with another text */
	EXTRACT_OVER,    /**< a number greater than */
	EXTRACT_UNDER,   /**< a number less than */
	EXTRACT_MATCHES, /**< a pattern (formats/pattern.h) */
	EXTRACT_PRESENT  /**< the field is there and not empty */
};
extern const char *const extract_test_words[];

struct extract_condition {
	struct str field;
	uint8_t test; /**< enum extract_test */
	struct str value;
};

struct extract_rules {
	uint8_t format;  /**< enum extract_format */
	struct str rows; /**< pointer to the rows; text: the pattern; empty: the whole is one row */
	struct extract_field *fields;
	size_t field_count;
	struct extract_condition *where; /**< a row that fails one of them is left out */
	size_t where_count;
	uint32_t most_rows; /**< 0: EXTRACT_ROWS */
	bool is_set;        /**< order means nothing: sorted, equal rows once */
	struct str next;    /**< pointer to what names the next page; empty: there is none */
	struct str error;   /**< pointer: when there is a value, the answer says that it failed */
};

struct extract_value {
	struct str name, value;
};

struct extract_row {
	struct extract_value *values; /**< in the rules' order; what is not there is left out */
	size_t value_count;
};

struct extracted {
	struct extract_row *rows;
	size_t row_count;
	bool is_cut;      /**< there was more than we take */
	struct str next;  /**< of the next page; empty: this was the last */
	struct str error; /**< what the answer says about its failure */
};

/** 0, or ERR_SYNTAX, ERR_LIMIT: err says what of the rules cannot be. */
int extract_check(const struct extract_rules *rules, struct err *err) MUST_USE;
/**
 * Rules must have passed extract_check. Values are copied into the arena, as UTF-8 without controls but tab
 * and line feed.
 * 0; ERR_SYNTAX: the bytes are not of the format; ERR_LIMIT: too deep, too many, or too costly a pattern.
 */
int extract(struct arena *a, const struct extract_rules *rules, struct str bytes,
	    struct extracted *ret, struct err *err) MUST_USE;
/** The value of a field; not set: STR_NONE. */
struct str extract_value_of(const struct extract_row *row, struct str field);
/** Does the row meet them all? */
bool extract_row_meets(const struct extract_row *row, const struct extract_condition *conditions,
		       size_t count);
/** Sort rows and leave out equal ones: for is_set, over several pages. Returns how many are left. */
size_t extract_rows_order(struct arena *a, struct extract_row *rows, size_t count) MUST_USE;

#endif
