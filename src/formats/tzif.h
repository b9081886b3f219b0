/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Time zones: a TZif file (RFC 9636, before it RFC 8536), versions 1 to 4, with the rule in its
 * footer, and what a local time means in it. Pure: the caller reads the file, normally
 * ZONEINFO_FOLDER/NAME after tz_name_check.
 *
 * All times are seconds: since 1970-01-01 UTC, or, called local, what the clock on the wall shows,
 * counted as if it were UTC.
 */
#ifndef DSS_FORMATS_TZIF_H
#define DSS_FORMATS_TZIF_H

#include "base/err.h"
#include "base/str.h"

#define ZONEINFO_FOLDER "/usr/share/zoneinfo"

enum {
	TZ_NAME_BYTES = 64,           /**< longest name of a zone */
	TZ_FILE_BYTES = 256 << 10,    /**< largest file; those of tzdata have up to 4 KiB */
	TZ_OFFSET_LIMIT_S = 26 * 3600 /**< RFC 9636 section 3.2: -25 h < offset < 26 h */
};

/** One of the two days a year when the footer's rule changes the clock. */
struct tz_rule_day {
	uint8_t kind;        /**< enum in tzif_rule.c: Jn, n, or Mm.w.d */
	uint8_t month, week; /**< of Mm.w.d; week 5 is the last */
	uint16_t day;        /**< of the year, or of the week with 0 for Sunday */
	int32_t time_s;      /**< local time before the change; -167 h to 167 h (section 3.3.2) */
};

/** A POSIX TZ string (POSIX.1 section 8.3, extended by RFC 9636 section 3.3.2). */
struct tz_rule {
	int32_t std_offset_s, dst_offset_s; /**< east of Greenwich is positive */
	bool has_dst;
	struct tz_rule_day to_dst, to_std;
};

/** All zero is UTC. Views point into the arena that tz_read was given. */
struct tz {
	const int64_t *change_at_s; /**< ascending */
	const int32_t *offset_s;    /**< in force from change_at_s[i] on */
	size_t change_count;
	int32_t first_offset_s; /**< before the first change (section 3.2) */
	bool has_rule;          /**< after the last change; without: the last offset stays */
	struct tz_rule rule;
};

/** What a local time stands for. */
enum tz_local_kind {
	TZ_UNIQUE,  /**< one instant */
	TZ_GAP,     /**< none: clocks went forward over it; ret_first_s is the moment they did */
	TZ_REPEATED /**< several: clocks went back; ret_first_s is the first of them */
};

/**
 * Is it a name that may be looked up under ZONEINFO_FOLDER? Parts of letters, digits, '_', '+', '-',
 * each beginning with a letter or digit, joined by single slashes: nothing leads upwards or to a
 * hidden file. 0 or -EINVAL, err says why.
 */
int tz_name_check(struct str name, struct err *err) MUST_USE;

/**
 * Read a file's bytes. 0; ERR_SYNTAX: not TZif, or broken; ERR_LIMIT: larger than TZ_FILE_BYTES;
 * -ENOTSUP: it counts leap seconds (the "right" zones), which POSIX time does not.
 */
int tz_read(struct arena *a, struct str bytes, struct tz *ret, struct err *err) MUST_USE;

/** Only the footer's grammar: "CET-1CEST,M3.5.0,M10.5.0/3". 0 or ERR_SYNTAX. */
int tz_rule_parse(struct str text, struct tz_rule *ret) MUST_USE;

/** The offset in force at an instant (of a year of up to nine digits, as all times here); *ret_until_s: the first instant at which another may be,
 * INT64_MAX when none. */
int32_t tz_offset(const struct tz *tz, int64_t at_s, int64_t *ret_until_s);
/** The same for a rule alone. */
int32_t tz_rule_offset(const struct tz_rule *rule, int64_t at_s, int64_t *ret_until_s);

/** From local time to UTC; see enum tz_local_kind. */
enum tz_local_kind tz_from_local(const struct tz *tz, int64_t local_s, int64_t *ret_first_s);

#endif
