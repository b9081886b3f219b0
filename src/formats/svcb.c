/* SPDX-License-Identifier: Apache-2.0 */
/* What does a SVCB or HTTPS record offer, and is it well-formed? RFC 9460 sections 2.2, 7 and 8. */
#include "formats/svcb.h"

enum { KEY_INVALID = 65535 };

struct reading {
	struct arena *arena;
	const struct dns_rr *rr;
	struct svcb_service service;
	struct err *err;
};

static int broken(const struct reading *r, uint16_t key, const char *what)
{
	struct buf name;

	buf_init(&name, r->arena);
	dns_svcb_key_text(&name, key);
	return err_set(r->err, -EBADMSG, "%.*s: %s", STR(buf_str(&name)), what);
}

static uint16_t u16_at(struct str s, size_t at)
{
	return (uint16_t)((unsigned char)s.data[at] << 8 | (unsigned char)s.data[at + 1]);
}

static const struct dns_svcb_param *param_find(const struct dns_rr *rr, uint16_t key)
{
	for (size_t i = 0; i < rr->svcb.param_count; i++)
		if (rr->svcb.params[i].key == key)
			return &rr->svcb.params[i];
	return NULL;
}

/* Section 8: ascending, not itself, and every key is in the record. */
static int read_mandatory(struct reading *r, struct str value)
{
	if (!value.len || value.len % 2)
		return broken(r, SVCB_MANDATORY, "not a list of keys");
	for (size_t at = 0; at < value.len; at += 2) {
		uint16_t key = u16_at(value, at);

		if (key == SVCB_MANDATORY)
			return broken(r, SVCB_MANDATORY, "lists itself");
		if (at && u16_at(value, at - 2) >= key)
			return broken(r, SVCB_MANDATORY, "its keys are not in ascending order");
		if (!param_find(r->rr, key))
			return broken(r, SVCB_MANDATORY, "lists a key that the record lacks");
		if (key > SVCB_OHTTP && !r->service.has_unknown_mandatory) {
			r->service.has_unknown_mandatory = true;
			r->service.unknown_mandatory = key;
		}
	}
	return 0;
}

/* Section 7.1.1: length-prefixed ids, at least one, none empty. */
static int read_alpn(struct reading *r, struct str value)
{
	r->service.alpn = arena_array(r->arena, value.len / 2 + 1, sizeof *r->service.alpn);
	if (!value.len)
		return broken(r, SVCB_ALPN, "is empty");
	while (value.len) {
		size_t len = (unsigned char)value.data[0];

		if (!len || value.len < len + 1)
			return broken(r, SVCB_ALPN, "a protocol id is empty or cut off");
		r->service.alpn[r->service.alpn_count++] = str_first(str_from(value, 1), len);
		value = str_from(value, len + 1);
	}
	return 0;
}

static int read_no_default(struct reading *r, struct str value)
{
	if (value.len)
		return broken(r, SVCB_NO_DEFAULT_ALPN, "has a value");
	if (!param_find(r->rr, SVCB_ALPN))
		return broken(r, SVCB_NO_DEFAULT_ALPN, "stands without alpn");
	r->service.has_no_default = true;
	return 0;
}

static int read_port(struct reading *r, struct str value)
{
	if (value.len != 2)
		return broken(r, SVCB_PORT, "is not two octets");
	r->service.has_port = true;
	r->service.port = u16_at(value, 0);
	return 0;
}

static int read_hints(struct reading *r, uint16_t key, struct str value, size_t size)
{
	size_t count = value.len / size;
	struct svcb_service *service = &r->service;

	if (!count || value.len % size)
		return broken(r, key, "not a list of addresses");
	service->hints =
		arena_grow(r->arena, service->hints, service->hint_count * sizeof *service->hints,
			   (service->hint_count + count) * sizeof *service->hints);
	for (size_t i = 0; i < count; i++)
		service->hints[service->hint_count++] = size == 4
								? address_ipv4(value.data + i * 4)
								: address_ipv6(value.data + i * 16);
	return 0;
}

static int read_ipv4hint(struct reading *r, struct str value)
{
	return read_hints(r, SVCB_IPV4HINT, value, 4);
}

static int read_ipv6hint(struct reading *r, struct str value)
{
	return read_hints(r, SVCB_IPV6HINT, value, 16);
}

/* RFC 9849 section 4: ECHConfigList, a length and configurations of version, length, contents. */
static int read_ech(struct reading *r, struct str value)
{
	struct str rest = str_from(value, 2);

	if (value.len < 6 || u16_at(value, 0) != value.len - 2)
		return broken(r, SVCB_ECH, "not an ECHConfigList");
	while (rest.len) {
		if (rest.len < 4 || rest.len - 4 < u16_at(rest, 2))
			return broken(r, SVCB_ECH, "a configuration is cut off");
		rest = str_from(rest, 4 + (size_t)u16_at(rest, 2));
	}
	r->service.ech = value;
	return 0;
}

static int (*const readers[])(struct reading *r, struct str value) = {
	[SVCB_MANDATORY] = read_mandatory,        [SVCB_ALPN] = read_alpn,
	[SVCB_NO_DEFAULT_ALPN] = read_no_default, [SVCB_PORT] = read_port,
	[SVCB_IPV4HINT] = read_ipv4hint,          [SVCB_ECH] = read_ech,
	[SVCB_IPV6HINT] = read_ipv6hint,
};

/* Of a record that did not parse: the parameters behind priority and target, to say which is wrong. */
static int params_recover(struct reading *r, struct dns_rr *rr)
{
	struct str rest = rr->rdata;
	struct dns_svcb_param *params = arena_array(r->arena, rest.len / 4 + 1, sizeof *params);
	size_t at = 2;

	while (at < rest.len && rest.data[at] > 0)
		at += (size_t)rest.data[at] + 1;
	if (at >= rest.len || rest.data[at])
		return err_set(r->err, -EBADMSG, "priority or target is cut off");
	rr->svcb.priority = u16_at(rest, 0);
	for (rest = str_from(rest, at + 1); rest.len;) {
		struct dns_svcb_param *param = &params[rr->svcb.param_count];

		if (rest.len < 4 || rest.len - 4 < u16_at(rest, 2))
			return err_set(r->err, -EBADMSG, "a parameter is cut off");
		param->key = u16_at(rest, 0);
		param->value = str_first(str_from(rest, 4), u16_at(rest, 2));
		rest = str_from(rest, 4 + param->value.len);
		rr->svcb.param_count++;
	}
	rr->svcb.params = params;
	return 0;
}

static int params_read(struct reading *r)
{
	for (size_t i = 0; i < r->rr->svcb.param_count; i++) {
		const struct dns_svcb_param *param = &r->rr->svcb.params[i];

		if (param->key == KEY_INVALID)
			return broken(r, param->key, "is reserved as invalid");
		if (i && param[-1].key == param->key)
			return broken(r, param->key, "stands twice");
		if (i && param[-1].key > param->key)
			return broken(r, param->key, "the keys are not in ascending order");
		if (param->key < ARRAY_COUNT(readers))
			TRY(readers[param->key](r, param->value));
	}
	return 0;
}

int svcb_read(struct arena *a, const struct dns_rr *rr, struct svcb_service *ret, struct err *err)
{
	struct dns_rr raw = { .rdata = rr->rdata };
	struct reading r = { .arena = a, .rr = rr->is_malformed ? &raw : rr, .err = err };

	if (rr->is_malformed)
		TRY(params_recover(&r, &raw));
	r.service.is_alias = !r.rr->svcb.priority;
	r.service.has_ignored_params = r.service.is_alias && r.rr->svcb.param_count;
	TRY(params_read(&r));
	if (rr->is_malformed)
		return err_set(err, -EBADMSG, "the record data does not follow the SVCB format");
	*ret = r.service;
	return 0;
}
