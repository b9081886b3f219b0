/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The layout of rdata: one row a type, naming its parts in wire order and the field of struct dns_rr
 * that each fills. Checking, parsing, writing and reading of rdata all walk this table, so a type is
 * added by one row. Inside formats/dns only; others use rr.h.
 */
#ifndef DSS_FORMATS_DNS_RDATA_H
#define DSS_FORMATS_DNS_RDATA_H

#include "formats/dns/rr.h"

enum { RDATA_BYTES = 65535 };

enum rdata_kind {
	RDATA_END,
	/* Numbers: */
	RDATA_U8,
	RDATA_U16,
	RDATA_U32,
	RDATA_PERIOD,    /**< u32 seconds; may be written 1h30m */
	RDATA_TIME,      /**< u32, YYYYMMDDHHmmSS (RFC 4034 section 3.2) */
	RDATA_TYPE,      /**< u16, a type's mnemonic */
	RDATA_ALGORITHM, /**< u8, DNSSEC algorithm; mnemonics are read, numbers written */
	RDATA_CERT_TYPE, /**< u16 (RFC 4398 section 2.1) */
	RDATA_SCHEME,    /**< u8 (RFC 9859 section 2.1) */
	/* Of a length that their octets tell: */
	RDATA_IPV4,
	RDATA_IPV6,
	RDATA_NAME,   /**< uncompressed */
	RDATA_STRING, /**< character-string (RFC 1035 section 3.3) */
	RDATA_TAG,    /**< the same, letters and digits only (RFC 8659 section 4.1) */
	RDATA_SALT,   /**< length and octets: hexadecimal or "-" (RFC 5155 section 3.3) */
	RDATA_HASH,   /**< length and octets: base32hex */
	RDATA_LOC,    /**< RFC 1876 section 2, all of it */
	/* The rest of the rdata: */
	RDATA_STRINGS, /**< one or more character-strings */
	RDATA_TEXT,    /**< one quoted string of any length */
	RDATA_HEX,
	RDATA_BASE64,
	RDATA_BITMAP, /**< RFC 4034 section 4.1.2 */
	RDATA_PARAMS  /**< RFC 9460 section 2.2 */
};

struct rdata_part {
	uint8_t kind;   /**< enum rdata_kind */
	uint8_t member; /**< offset in struct dns_rr of the field it fills; 0: none */
};

/** The parts of a type, closed by RDATA_END; NULL when its format is not known. */
const struct rdata_part *rdata_layout(uint16_t type);
/** Octets of the part that starts at offset at of rdata, or ERR_SYNTAX when it does not follow its
 * format. */
int rdata_part_length(struct str rdata, size_t at, enum rdata_kind kind) MUST_USE;
/** Value of a number part; at is checked. */
uint32_t rdata_number(struct str rdata, size_t at, enum rdata_kind kind);

static inline uint16_t rdata_u16(const char *at)
{
	return (uint16_t)((uint8_t)at[0] << 8 | (uint8_t)at[1]);
}

static inline uint32_t rdata_u32(const char *at)
{
	return (uint32_t)rdata_u16(at) << 16 | rdata_u16(at + 2);
}

/** Words for the numbers of a part (RSASHA256, PKIX, NOTIFY); NULL or ERR_SYNTAX when there is none.
 */
const char *rdata_word_of(enum rdata_kind kind, uint32_t number);
int rdata_word_parse(enum rdata_kind kind, struct str word, uint32_t *ret) MUST_USE;

/** Are these well-formed SVCB parameters: ascending keys, each value in its format? */
bool svcb_params_are_valid(struct str params);
/** Take the next parameter off the front of well-formed ones; false at the end. */
bool svcb_param_take(struct str *rest, struct dns_svcb_param *ret);
void svcb_param_text(struct buf *out, const struct dns_svcb_param *param);
/** Read "key", "key=value" or "key=\"value\""; value is appended to out as octets. */
int svcb_param_parse(struct str word, uint16_t *ret_key, struct buf *out, struct err *err) MUST_USE;

/** Append octets as characters of a quoted or unquoted string, escaped (RFC 1035 section 5.1). */
void rdata_put_escaped(struct buf *out, struct str octets);
/** Append what escaped text stands for; ERR_SYNTAX on a broken escape, and
 * on a quote without one. */
int rdata_unescape(struct buf *out, struct str text) MUST_USE;

/** Version 0, an angle within the globe, sizes of decimal digits (RFC 1876 section 2). */
bool loc_is_valid(const char octets[static 16]);
void loc_text(struct buf *out, const char octets[static 16]);
/** Reads its words off the front of *rest; appends 16 octets. */
int loc_parse(struct str *rest, struct buf *out, struct err *err) MUST_USE;

#endif
