/* SPDX-License-Identifier: Apache-2.0 */
/* How does a domain name change between text and wire? */
#include "formats/dns/name.h"

enum { NAME_JUMPS = 127 };

/* What an octet of a label becomes in our text: its lower case, or 0 where it is escaped. */
#define PLAIN(c)                                                                                   \
	((c) < 0x21 || (c) > 0x7e || (c) == '.' || (c) == '\\' ? 0                                 \
	 : (c) >= 'A' && (c) <= 'Z'                            ? (c) + 32                          \
							       : (c))
#define PLAIN_4(c) PLAIN(c), PLAIN((c) + 1), PLAIN((c) + 2), PLAIN((c) + 3)
#define PLAIN_16(c) PLAIN_4(c), PLAIN_4((c) + 4), PLAIN_4((c) + 8), PLAIN_4((c) + 12)
#define PLAIN_64(c) PLAIN_16(c), PLAIN_16((c) + 16), PLAIN_16((c) + 32), PLAIN_16((c) + 48)

static const uint8_t plain[256] = { PLAIN_64(0), PLAIN_64(64), PLAIN_64(128), PLAIN_64(192) };

/* Walks the labels of a name in a packet. */
struct walk {
	const uint8_t *data;
	size_t len, floor;
	size_t at;
	size_t start; /* of the run of labels that at is in: pointers lead before it */
	size_t end;   /* behind the name where it stands; 0 until known */
	unsigned jumps, total;
};

static inline struct walk walk_begin(struct str packet, size_t floor, size_t offset)
{
	return (struct walk){ .data = (const uint8_t *)packet.data,
			      .len = packet.len,
			      .floor = floor,
			      .at = offset,
			      .start = offset };
}

/* RFC 1035 section 4.1.4: a pointer leads to a prior occurrence. Every target lies before the run
 * that it is read from, so a walk ends. */
static inline int walk_jump(struct walk *w)
{
	size_t target;

	if (w->at + 1 >= w->len)
		return w->jumps ? ERR_SYNTAX : -ENODATA;
	target = (size_t)(w->data[w->at] & 0x3f) << 8 | w->data[w->at + 1];
	if (target >= w->start || target < w->floor || ++w->jumps > NAME_JUMPS)
		return ERR_SYNTAX;
	if (!w->end)
		w->end = w->at + 2;
	w->start = w->at = target;
	return 0;
}

/* Returns the length of the next label, 0 at the root. */
static inline int walk_next(struct walk *w, const uint8_t **ret_label)
{
	for (;;) {
		unsigned octet;

		if (w->at >= w->len)
			return w->jumps ? ERR_SYNTAX : -ENODATA;
		octet = w->data[w->at];
		if (octet <= DNS_LABEL_BYTES) {
			w->total += octet + 1;
			if (w->total > DNS_NAME_WIRE_BYTES)
				return ERR_LIMIT;
			if (octet >= w->len - w->at)
				return w->jumps ? ERR_SYNTAX : -ENODATA;
			*ret_label = w->data + w->at + 1;
			w->at += octet + 1;
			if (!octet && !w->end)
				w->end = w->at;
			return (int)octet;
		}
		if (octet < 0xc0) /* RFC 6891 section 5: no other label type is in use */
			return ERR_SYNTAX;
		TRY(walk_jump(w));
	}
}

static inline char *put_escaped(char *out, uint8_t octet)
{
	*out++ = '\\';
	if (octet == '.' || octet == '\\') {
		*out++ = (char)octet;
		return out;
	}
	*out++ = (char)('0' + octet / 100);
	*out++ = (char)('0' + octet / 10 % 10);
	*out++ = (char)('0' + octet % 10);
	return out;
}

int dns_name_from_wire(struct arena *a, struct str packet, size_t *offset, struct str *ret)
{
	struct walk w = walk_begin(packet, 0, *offset);
	char text[DNS_NAME_TEXT_BYTES], *out = text;
	const uint8_t *label;
	int len;

	while ((len = walk_next(&w, &label)) > 0) {
		for (int i = 0; i < len; i++) {
			if (plain[label[i]])
				*out++ = (char)plain[label[i]];
			else
				out = put_escaped(out, label[i]);
		}
		*out++ = '.';
	}
	if (len < 0)
		return len == -ENODATA ? ERR_SYNTAX : len;
	*offset = w.end;
	*ret = out == text ? STR_LIT(".")
			   : str_copy(a, (struct str){ text, (size_t)(out - text) - 1 });
	return 0;
}

int dns_name_expand(struct str packet, size_t floor, size_t *offset,
		    uint8_t out[static DNS_NAME_WIRE_BYTES])
{
	struct walk w = walk_begin(packet, floor, *offset);
	const uint8_t *label;
	int len;

	while ((len = walk_next(&w, &label)) > 0) {
		*out++ = (uint8_t)len;
		for (int i = 0; i < len; i++)
			*out++ = (uint8_t)char_lower((char)label[i]);
	}
	if (len < 0)
		return len;
	*out = 0;
	*offset = w.end;
	return (int)w.total;
}

struct fault {
	size_t offset;
	const char *why;
};

static int fault_set(struct fault *fault, int code, size_t offset, const char *why)
{
	*fault = (struct fault){ offset, why };
	return code;
}

/* Read one octet of a label, escaped or not (RFC 1035 section 5.1). */
static int octet_take(struct str text, size_t *at, uint8_t *ret, struct fault *fault)
{
	const unsigned char *s = (const unsigned char *)text.data + *at;
	size_t left = text.len - *at;
	unsigned value;

	if (s[0] != '\\') {
		if (s[0] == ' ')
			return fault_set(fault, ERR_SYNTAX, *at, "a space inside a label");
		if (s[0] < 0x21 || s[0] > 0x7e)
			return fault_set(fault, ERR_SYNTAX, *at,
					 "an octet that is no printable ASCII; write it as \\DDD");
		*ret = s[0];
		*at += 1;
		return 0;
	}
	if (left < 2 || s[1] < 0x20 || s[1] > 0x7e)
		return fault_set(fault, ERR_SYNTAX, *at, "a backslash that escapes nothing");
	if (!char_is_digit((char)s[1])) {
		*ret = s[1];
		*at += 2;
		return 0;
	}
	if (left < 4 || !char_is_digit((char)s[2]) || !char_is_digit((char)s[3]))
		return fault_set(fault, ERR_SYNTAX, *at, "\\DDD needs three digits");
	value = (s[1] - '0') * 100u + (s[2] - '0') * 10u + (s[3] - '0');
	if (value > 255)
		return fault_set(fault, ERR_SYNTAX, *at, "\\DDD above 255");
	*ret = (uint8_t)value;
	*at += 4;
	return 0;
}

static int text_to_wire(struct str text, uint8_t *out, struct fault *fault)
{
	size_t label = 0, used = 1, at = 0; /* label: where the length of the current one goes */

	if (!text.len)
		return fault_set(fault, ERR_SYNTAX, 0, "an empty name; the root is \".\"");
	if (text.len == 1 && text.data[0] == '.')
		at = 1;
	while (at < text.len) {
		if (text.data[at] == '.') {
			if (used == label + 1)
				return fault_set(fault, ERR_SYNTAX, at, "an empty label");
			out[label] = (uint8_t)(used - label - 1);
			label = used++;
			at++;
			continue;
		}
		if (used - label > DNS_LABEL_BYTES)
			return fault_set(fault, ERR_LIMIT, at, "a label of more than 63 octets");
		if (used >= DNS_NAME_WIRE_BYTES - 1)
			return fault_set(fault, ERR_LIMIT, at, "a name of more than 255 octets");
		TRY(octet_take(text, &at, out + used, fault));
		out[used] = (uint8_t)char_lower((char)out[used]);
		used++;
	}
	if (used > label + 1) {
		out[label] = (uint8_t)(used - label - 1);
		label = used;
	}
	out[label] = 0;
	return (int)label + 1;
}

int dns_name_to_wire(struct str name, uint8_t out[static DNS_NAME_WIRE_BYTES])
{
	struct fault fault;

	return text_to_wire(name, out, &fault);
}

int dns_name_parse(struct arena *a, struct str text, struct str *ret, struct err *err)
{
	uint8_t wire[DNS_NAME_WIRE_BYTES];
	struct fault fault;
	size_t offset = 0;
	int len = text_to_wire(text, wire, &fault);

	if (len < 0)
		return err_set(err, len, "\"%.*s\": %s, at offset %zu", STR(str_first(text, 100)),
			       fault.why, fault.offset);
	return dns_name_from_wire(a, str_bytes(wire, (size_t)len), &offset, ret);
}
