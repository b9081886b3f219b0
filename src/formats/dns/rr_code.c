/* SPDX-License-Identifier: Apache-2.0 */
/* How is a record saved, loaded and shown? */
#include "formats/dns/rr.h"

#include "base/desc.h"

/* Owner length and text, type, class, TTL (left out of the stable form: it only counts down), then
 * rdata to the end. */
static void rr_encode(struct buf *out, const void *value, unsigned skip)
{
	const struct dns_rr *rr = value;

	buf_put_varint(out, rr->owner.len);
	buf_put_str(out, rr->owner);
	buf_put_varint(out, rr->type);
	buf_put_varint(out, rr->klass);
	buf_put_varint(out, skip & DESC_VOLATILE ? 0 : rr->ttl);
	buf_put_str(out, rr->rdata);
}

static int number_take(struct str *bytes, uint64_t max, uint64_t *ret)
{
	TRY(varint_take(bytes, ret));
	return *ret > max ? ERR_LIMIT : 0;
}

static int rr_decode(struct arena *a, struct str bytes, void *ret_value)
{
	uint64_t owner_len, type, klass, ttl;
	struct dns_rr rr = { 0 };

	TRY(number_take(&bytes, DNS_NAME_TEXT_BYTES, &owner_len));
	if (owner_len > bytes.len)
		return ERR_SYNTAX;
	rr.owner = str_first(bytes, owner_len);
	bytes = str_from(bytes, owner_len);
	TRY(number_take(&bytes, UINT16_MAX, &type));
	TRY(number_take(&bytes, UINT16_MAX, &klass));
	TRY(number_take(&bytes, UINT32_MAX, &ttl));
	if (bytes.len > UINT16_MAX)
		return ERR_LIMIT;
	rr.type = (uint16_t)type;
	rr.klass = (uint16_t)klass;
	rr.ttl = (uint32_t)ttl;
	rr.rdata = bytes;
	dns_rr_parse(a, &rr);
	*(struct dns_rr *)ret_value = rr;
	return 0;
}

static int rr_walk(void *value, desc_visit *visit, void *context)
{
	struct dns_rr *rr = value;

	return visit(context, &dns_rr_custom, DESC_UINT, &rr->ttl, sizeof rr->ttl);
}

/* Presentation form is printable ASCII: only quotes and backslashes need an escape. */
static void escape_from(struct buf *out, size_t start)
{
	size_t escapes = 0, to;

	for (size_t i = start; i < out->len; i++)
		escapes += out->data[i] == '"' || out->data[i] == '\\';
	if (!escapes)
		return;
	buf_reserve(out, escapes);
	to = out->len + escapes;
	for (size_t from = out->len; escapes; from--) {
		char c = out->data[from - 1];

		out->data[--to] = c;
		if (c == '"' || c == '\\') {
			out->data[--to] = '\\';
			out->len++;
			escapes--;
		}
	}
}

static void rr_json(struct json *w, const void *value)
{
	const struct dns_rr *rr = value;
	struct arena scratch = { 0 };
	struct buf *out;
	size_t start;

	json_object(w);
	json_key(w, "name");
	json_str(w, rr->owner);
	json_key(w, "type");
	json_str(w, dns_type_text(&scratch, rr->type));
	json_key(w, "ttl");
	json_uint(w, rr->ttl);
	json_key(w, "data");
	out = json_quoted(w);
	start = out->len;
	dns_rdata_text(out, rr);
	escape_from(out, start);
	buf_put_char(out, '"');
	json_end(w);
	arena_release(&scratch);
}

const struct desc_custom dns_rr_custom = {
	.encode = rr_encode, .decode = rr_decode, .json = rr_json, .walk = rr_walk
};
