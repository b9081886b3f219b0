/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Regular expressions of the operator over text of strangers: in linear time, whatever the text (Thompson
 * 1968; R. Cox, "Regular Expression Matching: the Virtual Machine Approach"). Octets, not characters. Pure.
 *
 *	x . [a-z] [^a-z] \d \D \w \W \s \S \t \n \r \xHH \. …   one octet; "." is any but a line feed
 *	^ $ \b                                                 begin, end of the text; a word's edge
 *	(…) (?:…) (?<name>…) a|b                               groups, alternatives; groups are numbered from 1
 *	* + ? {2} {2,} {2,5}, each with a ? behind: lazy       repetition
 *	(?i) in front of all                                   letters of either case
 *
 * The leftmost match counts, and of these the one that a backtracking engine would find. No references back
 * and no looking around: they are what makes matching slow.
 */
#ifndef DSS_FORMATS_PATTERN_H
#define DSS_FORMATS_PATTERN_H

#include "base/err.h"
#include "base/str.h"

enum {
	PATTERN_BYTES = 1024, /**< of the expression */
	PATTERN_STEPS = 1000, /**< of its program: {n} multiplies */
	PATTERN_GROUPS = 10,  /**< with 0, the whole match */
	PATTERN_REPEAT = 200, /**< in {n} */
	PATTERN_NESTING = 24
};

struct pattern;

struct pattern_match {
	bool has[PATTERN_GROUPS];
	struct str group[PATTERN_GROUPS]; /**< views into the text */
};

/** 0; ERR_SYNTAX, ERR_LIMIT: err says what is wrong with it, and at which offset. */
int pattern_read(struct arena *a, struct str text, const struct pattern **ret,
		 struct err *err) MUST_USE;
/** The number of a named group, or of one written as a number; -ENOENT. */
int pattern_group(const struct pattern *pattern, struct str name) MUST_USE;
/**
 * @budget  steps that may be taken, counted down; one step is some nanoseconds
 * 1: found; 0: not; ERR_LIMIT: the budget is spent.
 */
int pattern_find(const struct pattern *pattern, struct str text, uint64_t *budget,
		 struct pattern_match *ret) MUST_USE;

#endif
