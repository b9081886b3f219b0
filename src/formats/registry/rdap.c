/* SPDX-License-Identifier: Apache-2.0 */
/* What does an RDAP reply say? RFC 9083, RFC 7095 (jCard), RFC 9537. */
#include "formats/registry/rdap.h"

#include "base/address.h"
#include "formats/json_read.h"

enum { ENTITY_DEPTH = 3 };

static bool has_role(const struct json_value *entity, const char *role)
{
	const struct json_value *roles = json_member(entity, "roles");

	if (json_is(roles, JSON_STRING)) /* no list, as some write it */
		return str_eq_nocase(roles->text, str_of(role));
	for (const struct json_value *r = json_first(roles); r; r = r->next)
		if (json_is(r, JSON_STRING) && str_eq_nocase(r->text, str_of(role)))
			return true;
	return false;
}

/* What stands in the place of a value that is withheld, before RFC 9537 and beside it. */
static bool is_withheld(struct str text)
{
	static const char *const words[] = { "redacted",
					     "data redacted",
					     "gdpr redacted",
					     "gdpr masked",
					     "not disclosed",
					     "redacted for privacy",
					     "redacted for gdpr privacy",
					     "redacted for privacy purposes",
					     "statutory masking enabled" };

	for (size_t i = 0; i < ARRAY_COUNT(words); i++)
		if (str_eq_nocase(str_trim(text), str_of(words[i])))
			return true;
	return false;
}

/* RFC 7095 section 3.3: ["vcard", [["fn", {}, "text", "Example"], …]]; the first value of a property. */
static struct str card_value(const struct json_value *entity, const char *property)
{
	const struct json_value *card = json_at(entity, STR_LIT("/vcardArray/1"));

	for (const struct json_value *p = json_first(card); p; p = p->next) {
		const struct json_value *name = json_first(p), *value = json_at(p, STR_LIT("/3"));

		if (!json_is(name, JSON_STRING) || !str_eq_nocase(name->text, str_of(property)))
			continue;
		if (json_is(value, JSON_ARRAY))
			value = value->first;
		if (json_is(value, JSON_STRING) && value->text.len && !is_withheld(value->text))
			return str_starts_nocase(value->text, STR_LIT("tel:"))
				       ? str_from(value->text, 4)
				       : value->text;
	}
	return STR_NONE;
}

static void registrar_read(struct arena *a, const struct json_value *entity,
			   struct registration *ret)
{
	const struct json_value *ids = json_member(entity, "publicIds");

	registration_set(a, &ret->registrar, card_value(entity, "fn"));
	registration_set(a, &ret->registrar, json_member_text(entity, "handle"));
	for (const struct json_value *id = json_first(ids); id; id = id->next)
		if (str_find_nocase(json_member_text(id, "type"), STR_LIT("IANA")) >= 0)
			registration_set(a, &ret->registrar_id, json_member_text(id, "identifier"));
}

static void entities_read(struct arena *a, const struct json_value *object, unsigned depth,
			  struct registration *ret)
{
	const struct json_value *list = json_member(object, "entities");

	for (const struct json_value *e = json_first(list); e; e = e->next) {
		if (has_role(e, "registrar"))
			registrar_read(a, e, ret);
		if (has_role(e, "registrant")) {
			registration_set(a, &ret->holder, card_value(e, "org"));
			registration_set(a, &ret->holder, card_value(e, "fn"));
		}
		if (has_role(e, "abuse")) {
			registration_set(a, &ret->abuse_email, card_value(e, "email"));
			registration_set(a, &ret->abuse_phone, card_value(e, "tel"));
		}
		if (depth < ENTITY_DEPTH)
			entities_read(a, e, depth + 1, ret);
	}
}

static void events_read(const struct json_value *root, struct registration *ret)
{
	static const struct {
		const char *action;
		size_t offset;
	} actions[] = { { "registration", offsetof(struct registration, created_us) },
			{ "last changed", offsetof(struct registration, changed_us) },
			{ "expiration", offsetof(struct registration, expires_us) } };
	const struct json_value *list = json_member(root, "events");

	for (const struct json_value *e = json_first(list); e; e = e->next)
		for (size_t i = 0; i < ARRAY_COUNT(actions); i++) {
			int64_t *at = (int64_t *)((char *)ret + actions[i].offset);

			if (!*at && str_eq_nocase(json_member_text(e, "eventAction"),
						  str_of(actions[i].action)))
				(void)!registry_date_parse(json_member_text(e, "eventDate"), at);
		}
}

static void dns_read(struct arena *a, const struct json_value *root, struct registration *ret)
{
	const struct json_value *secure = json_member(root, "secureDNS");
	const struct json_value *is_signed = json_member(secure, "delegationSigned");
	const struct json_value *list = json_member(root, "nameservers");

	for (const struct json_value *ns = json_first(list); ns; ns = ns->next)
		registration_add(a, &ret->name_servers, &ret->name_server_count,
				 registration_name_server(a, json_member_text(ns, "ldhName")));
	ret->says_signed = json_is(is_signed, JSON_TRUE) || json_is(is_signed, JSON_FALSE);
	ret->is_signed = json_is(is_signed, JSON_TRUE);
	list = json_member(secure, "dsData");
	for (const struct json_value *ds = json_first(list); ds; ds = ds->next) {
		static const char *const names[] = { "keyTag", "algorithm", "digestType",
						     "digest" };
		struct buf text;

		buf_init(&text, a);
		for (size_t i = 0; i < ARRAY_COUNT(names); i++) {
			const struct json_value *part = json_member(ds, names[i]);

			if (i)
				buf_put_char(&text, ' ');
			if (part)
				buf_put_str(&text, str_lower(a, str_first(part->text, 128)));
		}
		registration_add(a, &ret->ds, &ret->ds_count, buf_str(&text));
	}
}

static void redaction_read(struct arena *a, const struct json_value *root, struct registration *ret)
{
	const struct json_value *list = json_member(root, "redacted");

	for (const struct json_value *r = json_first(list); r; r = r->next) {
		const struct json_value *name = json_member(r, "name");
		struct str text = json_member_text(name, "type");

		registration_add(a, &ret->redacted, &ret->redacted_count,
				 text.len ? text : json_member_text(name, "description"));
	}
}

static void link_read(struct arena *a, const struct json_value *root, struct registration *ret)
{
	const struct json_value *list = json_member(root, "links");

	for (const struct json_value *l = json_first(list); l; l = l->next)
		if (str_eq_nocase(json_member_text(l, "rel"), STR_LIT("related")) &&
		    str_find_nocase(json_member_text(l, "type"), STR_LIT("rdap")) >= 0)
			registration_set(a, &ret->referral, json_member_text(l, "href"));
}

static void object_name(struct arena *a, const struct json_value *root, struct registration *ret)
{
	struct str class = json_member_text(root, "objectClassName");
	struct str name = json_member_text(root, "ldhName");

	if (str_eq_nocase(class, STR_LIT("ip network")))
		registration_set(a, &ret->object,
				 str_printf(a, "%.*s - %.*s",
					    STR(str_first(json_member_text(root, "startAddress"),
							  ADDRESS_TEXT_BYTES)),
					    STR(str_first(json_member_text(root, "endAddress"),
							  ADDRESS_TEXT_BYTES))));
	else if (str_eq_nocase(class, STR_LIT("autnum")) && json_member(root, "startAutnum"))
		registration_set(
			a, &ret->object,
			str_printf(a, "AS%.*s",
				   STR(str_first(json_member(root, "startAutnum")->text, 10))));
	else
		registration_set(
			a, &ret->object,
			str_lower(a, str_first(name, name.len - str_ends(name, STR_LIT(".")))));
	registration_set(a, &ret->object, json_member_text(root, "unicodeName"));
	registration_set(a, &ret->object, json_member_text(root, "handle"));
}

int rdap_read(struct arena *a, struct str text, struct registration *ret, struct err *err)
{
	struct registration registration = { .is_found = true };
	const struct json_value *root, *list;

	if (text.len > RDAP_BYTES)
		return err_set(err, ERR_LIMIT, "a reply of more than 512 KiB");
	TRY(json_read(a, text, &root, err));
	if (!json_member_text(root, "objectClassName").len && !json_member(root, "handle") &&
	    !json_member(root, "ldhName"))
		return err_set(err, ERR_SYNTAX, "no object of RDAP: objectClassName is missing");
	object_name(a, root, &registration);
	registration_set(a, &registration.handle, json_member_text(root, "handle"));
	registration_set(a, &registration.holder, json_member_text(root, "name"));
	registration_set(a, &registration.country, json_member_text(root, "country"));
	list = json_member(root, "status");
	if (json_is(list, JSON_STRING)) /* no list, as some write it */
		registration_add(a, &registration.status, &registration.status_count,
				 registration_status(a, list->text));
	for (const struct json_value *s = json_first(list); s; s = s->next)
		if (json_is(s, JSON_STRING))
			registration_add(a, &registration.status, &registration.status_count,
					 registration_status(a, s->text));
	events_read(root, &registration);
	entities_read(a, root, 0, &registration);
	dns_read(a, root, &registration);
	redaction_read(a, root, &registration);
	link_read(a, root, &registration);
	*ret = registration;
	return 0;
}
