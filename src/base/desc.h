/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Struct descriptors: one table per struct says how it is written as JSON and read and written in a
 * compact binary form. Facts, frames and stored results all use it.
 *
 * Field numbers are permanent: never reused, never renumbered. A reader skips numbers that it does
 * not know, and a number that is missing leaves the field zero, so old bytes load for ever.
 *
 * Compact form: for each field that is not zero, in table order, a varint (number << 2 | wire) and
 *	wire 0: a varint (zigzag for DESC_INT)          bool, enum, unsigned, signed
 *	wire 1: a varint length and that many bytes     str, address, struct, custom
 * An array repeats its field. The bytes are canonical: equal structs give equal bytes.
 * Reading bounds everything: lengths by what is left, nesting by DESC_DEPTH, arrays by DESC_ITEMS.
 */
#ifndef DSS_BASE_DESC_H
#define DSS_BASE_DESC_H

#include "base/address.h"
#include "base/json.h"

enum { DESC_DEPTH = 16, DESC_ITEMS = 65536 };

enum desc_type {
	DESC_BOOL,    /**< bool */
	DESC_UINT,    /**< unsigned of 1, 2, 4 or 8 bytes */
	DESC_INT,     /**< int64_t */
	DESC_ENUM,    /**< uint8_t, uint16_t or an enum; JSON shows names[value] */
	DESC_TIME,    /**< int64_t, UTC microseconds; JSON shows RFC 3339 */
	DESC_STR,     /**< struct str holding text */
	DESC_BYTES,   /**< struct str holding octets; JSON shows hexadecimal */
	DESC_ADDRESS, /**< struct address */
	DESC_STRUCT,  /**< embedded struct, described by .of */
	DESC_CUSTOM   /**< coded by .custom */
};

enum desc_flag {
	DESC_VOLATILE = 1, /**< outside the hash and the diff: TTL left, nonces, timings */
	DESC_HIDDEN = 2,   /**< not in JSON */
	DESC_OPTIONAL = 4  /**< not in JSON when false, zero or empty */
};

struct desc;

/**
 * Told of one volatile leaf. `leaf` is the same for all values of one field and different for
 * others; at may be read or written: a scalar of `size` bytes, struct str, or struct address.
 * A negative code ends the walk.
 */
typedef int desc_visit(void *context, const void *leaf, enum desc_type type, void *at, size_t size);

/** A type with a code of its own, for instance a resource record. */
struct desc_custom {
	/** skip: enum desc_flag of parts to leave out; DESC_VOLATILE for the stable form. */
	void (*encode)(struct buf *out, const void *value, unsigned skip);
	int (*decode)(struct arena *a, struct str bytes, void *ret_value);
	void (*json)(struct json *w, const void *value);
	/** Is there nothing to write? NULL: there always is. */
	bool (*is_none)(const void *value);
	/** Visit its volatile leaves. NULL: it has none. */
	int (*walk)(void *value, desc_visit *visit, void *context);
	/** Its type in a JSON Schema, "string" or "object"; NULL: not said. */
	const char *schema;
};

struct desc_field {
	uint16_t number;
	uint8_t type;  /**< enum desc_type */
	uint8_t flags; /**< enum desc_flag */
	const char *name;
	uint8_t name_len;
	uint16_t offset;
	uint16_t size; /**< of one value */
	/** Arrays: the member at offset is a pointer, and a size_t count stands at count_offset. */
	bool is_array;
	uint16_t count_offset;
	const struct desc *of;            /**< DESC_STRUCT */
	const char *const *names;         /**< DESC_ENUM: NULL-terminated, by value */
	const struct desc_custom *custom; /**< DESC_CUSTOM */
	/** DESC_UINT: its words for people and JSON ("MX", "tcp do"): plain ASCII without quotes. */
	void (*words)(struct buf *out, uint64_t value);
};

struct desc {
	const char *name;
	size_t size;
	size_t field_count;
	const struct desc_field *fields;
};

/* Table helpers. S is the struct, M the member. */
#define DESC_FIELD(N, TYPE, S, M, ...) DESC_NAMED(N, TYPE, S, M, #M, __VA_ARGS__)
/** NAME is its key in JSON, where the member's name is not for people. */
#define DESC_NAMED(N, TYPE, S, M, NAME, ...)                                                       \
	{                                                                                          \
		.number = (N), .type = (TYPE), .name = (NAME), .name_len = sizeof(NAME) - 1,       \
		.offset = offsetof(S, M), .size = sizeof(((S *)0)->M), __VA_ARGS__                 \
	}
/** M is "T *M", counted by the size_t member C. */
#define DESC_ARRAY(N, TYPE, S, M, C, ...) DESC_NAMED_ARRAY(N, TYPE, S, M, C, #M, __VA_ARGS__)
#define DESC_NAMED_ARRAY(N, TYPE, S, M, C, NAME, ...)                                              \
	{                                                                                          \
		.number = (N), .type = (TYPE), .name = (NAME), .name_len = sizeof(NAME) - 1,       \
		.offset = offsetof(S, M), .size = sizeof(*((S *)0)->M), .is_array = true,          \
		.count_offset = offsetof(S, C), __VA_ARGS__                                        \
	}
#define DESC(S, FIELDS) DESC_CALLED(#S, S, FIELDS)
/** NAME is for people, where the struct's is not. */
#define DESC_CALLED(NAME, S, FIELDS)                                                               \
	{                                                                                          \
		.name = (NAME), .size = sizeof(struct S), .field_count = ARRAY_COUNT(FIELDS),      \
		.fields = (FIELDS)                                                                 \
	}

void desc_encode(struct buf *out, const struct desc *desc, const void *value);
/** The same without volatile fields: what is hashed and compared. */
void desc_encode_stable(struct buf *out, const struct desc *desc, const void *value);
/** Views in *ret_value point into bytes, which must outlive it; arrays are in the arena. 0 or
 * ERR_SYNTAX, ERR_LIMIT. */
int desc_decode(struct arena *a, const struct desc *desc, struct str bytes,
		void *ret_value) MUST_USE;
/**
 * Visit what desc_encode_stable leaves out, in an order that the stable part alone decides: so what
 * was read from one struct can be put back into what its stable form gives. Volatile fields are
 * scalars, addresses and strings, no arrays and no structs.
 * 0, or what visit returned.
 */
int desc_volatile_walk(const struct desc *desc, void *value, desc_visit *visit,
		       void *context) MUST_USE;
/** One scalar, address or string for people: "MX", "192.0.2.1", "example.com". */
void desc_value_text(struct buf *out, const struct desc_field *field, const void *value);
/** An object with the fields that are not zero (booleans, enums, numbers with words and arrays
 * always, unless DESC_OPTIONAL). */
void desc_json(struct json *w, const struct desc *desc, const void *value);
/** Only the fields, into an object that is already open. */
void desc_json_fields(struct json *w, const struct desc *desc, const void *value);

/** Read one LEB128 varint off the front of *bytes. */
int varint_take(struct str *bytes, uint64_t *ret) MUST_USE;

#endif
