/* SPDX-License-Identifier: Apache-2.0 */
/** Between the files of extract.h. */
#ifndef DSS_FORMATS_EXTRACT_PARTS_H
#define DSS_FORMATS_EXTRACT_PARTS_H

#include "formats/extract.h"
#include "formats/json_read.h"

enum {
	EXTRACT_VALUES = 200000, /**< of JSON, or elements and attributes of XML */
	EXTRACT_DEPTH = JSON_READ_DEPTH,
	EXTRACT_COLUMNS = 256,
	EXTRACT_BUDGET = 50000000 /**< steps of patterns over one answer */
};

/** Rows that come together. */
struct extracting {
	struct arena *arena, *work; /**< of the result; of what goes at the end */
	const struct extract_rules *rules;
	struct err *err;
	struct extract_row *rows;
	size_t count, cap, most, bytes;
	bool is_cut;
};

/** One row, its values in the order of the rules' fields; data NULL: not there. False: no room for more. */
bool extract_row_add(struct extracting *e, const struct str *values);

int extract_xml_read(struct arena *a, struct str bytes, const struct json_value **ret,
		     struct err *err) MUST_USE;
int extract_csv(struct extracting *e, struct str bytes) MUST_USE;
int extract_text(struct extracting *e, struct str bytes) MUST_USE;
/** A line without its end off the front of *rest; false: there is none. */
bool extract_line(struct str *rest, struct str *ret);

#endif
