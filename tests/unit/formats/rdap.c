/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Are replies of RDAP servers read as RFC 9083 and RFC 9537 mean them, and as servers write them? Each row is
 * a reply, written with ' for ", and what one field of the facts must be.
 */
#include "base/desc.h"
#include "base/json.h"
#include "facts/registry.h"
#include "formats/json_read.h"
#include "formats/registry/rdap.h"
#include "tests/test.h"

struct row {
	const char *reply;
	const char *field; /* JSON pointer into the facts; NULL: it is refused */
	const char *wanted;
};

static struct str quoted(struct arena *a, const char *text)
{
	struct buf out;

	buf_init(&out, a);
	for (; *text; text++)
		buf_put_char(&out, *text == '\'' ? '"' : *text);
	return buf_str(&out);
}

/* The field as text: a number or word as it is written, "" for none. */
static struct str field_of(struct arena *a, const struct registration *registration,
			   const char *pointer)
{
	const struct json_value *root, *value;
	struct err err = { 0 };
	struct buf out;
	struct json w;

	buf_init(&out, a);
	json_init(&w, &out);
	desc_json(&w, &registration_desc, registration);
	CHECK_INT(json_read(a, buf_str(&out), &root, &err), 0);
	value = json_at(root, str_of(pointer));
	if (!value || json_is(value, JSON_NULL))
		return STR_NONE;
	if (json_is(value, JSON_TRUE) || json_is(value, JSON_FALSE))
		return json_is(value, JSON_TRUE) ? STR_LIT("true") : STR_LIT("false");
	return value->text;
}

static void rows_check(const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct arena a = { 0 };
		struct registration registration;
		struct err err = { 0 };
		int code = rdap_read(&a, quoted(&a, rows[i].reply), &registration, &err);

		test_row("%s %s", rows[i].reply, rows[i].field ? rows[i].field : "refused");
		CHECK((code == 0) == (rows[i].field != NULL));
		CHECK((code < 0) == (err.text[0] != 0));
		if (code == 0)
			CHECK_STR(field_of(&a, &registration, rows[i].field), rows[i].wanted);
		arena_release(&a);
	}
}

#define DOMAIN(members) "{'objectClassName':'domain','ldhName':'a.example'," members "}"
#define EVENT(action, date) "{'eventAction':'" action "','eventDate':'" date "'}"
#define CARD(properties) "'vcardArray':['vcard',[['version',{},'text','4.0']," properties "]]"
#define ENTITY(role, members) "{'objectClassName':'entity','roles':['" role "']," members "}"

TEST(objects_have_the_name_that_their_class_gives_them)
{
	static const struct row rows[] = {
		/* RFC 9083 section 5.3 */
		{ "{'objectClassName':'domain','ldhName':'EXAMPLE.com'}", "/object",
		  "example.com" },
		{ "{'objectClassName':'domain','ldhName':'xn--fo-5ja.example','unicodeName':"
		  "'f\xc3\xb3o.example'}",
		  "/object", "xn--fo-5ja.example" },
		{ "{'objectClassName':'domain','unicodeName':'f\xc3\xb3o.example'}", "/object",
		  "f\xc3\xb3o.example" },
		{ "{'objectClassName':'domain','handle':'H1'}", "/object", "H1" },
		{ "{'ldhName':'a.example'}", "/object", "a.example" },
		{ "{'objectClassName':'domain','ldhName':'a.example.'}", "/object", "a.example" },
		/* section 5.2 */
		{ "{'objectClassName':'nameserver','ldhName':'NS1.example.com','ipAddresses':{'v4':"
		  "['192.0.2.1']}}",
		  "/object", "ns1.example.com" },
		/* section 5.4 */
		{ "{'objectClassName':'ip network','startAddress':'192.0.2.0','endAddress':"
		  "'192.0.2.255','ipVersion':'v4'}",
		  "/object", "192.0.2.0 - 192.0.2.255" },
		{ "{'objectClassName':'ip network','startAddress':'2001:db8::','endAddress':"
		  "'2001:db8:0:ffff:ffff:ffff:ffff:ffff','ipVersion':'v6'}",
		  "/object", "2001:db8:: - 2001:db8:0:ffff:ffff:ffff:ffff:ffff" },
		{ "{'objectClassName':'ip network','handle':'N','name':'NET-RTR-1','country':'AU'}",
		  "/country", "AU" },
		{ "{'objectClassName':'ip network','handle':'N','name':'NET-RTR-1'}", "/holder",
		  "NET-RTR-1" },
		/* section 5.5 */
		{ "{'objectClassName':'autnum','startAutnum':65536,'endAutnum':65541}", "/object",
		  "AS65536" },
		{ "{'objectClassName':'autnum','startAutnum':'65536'}", "/object", "AS65536" },
		{ "{'objectClassName':'autnum','handle':'AS7'}", "/object", "AS7" },
		{ "{'objectClassName':'autnum','startAutnum':7,'name':'AS-SEVEN'}", "/holder",
		  "AS-SEVEN" },
		/* section 5.1 */
		{ "{'objectClassName':'entity','handle':'REG-1'}", "/handle", "REG-1" },
		{ "{'objectClassName':'DOMAIN','ldhName':'a.example'}", "/object", "a.example" },
	};

	rows_check(rows, ARRAY_COUNT(rows));
}

TEST(what_is_no_object_is_refused)
{
	static const struct row rows[] = {
		{ "", NULL, NULL },
		{ "null", NULL, NULL },
		{ "[]", NULL, NULL },
		{ "[{'objectClassName':'domain'}]", NULL, NULL },
		{ "'domain'", NULL, NULL },
		{ "{}", NULL, NULL },
		{ "<html><body>moved</body></html>", NULL, NULL },
		{ "{'objectClassName':'domain'", NULL, NULL },
		{ "{'objectClassName':'domain'}}", NULL, NULL },
		{ "{'objectClassName':7}", NULL, NULL },
		/* section 6: an error; section 7: help; section 8: results of a search */
		{ "{'rdapConformance':['rdap_level_0'],'errorCode':404,'title':'Not Found'}", NULL,
		  NULL },
		{ "{'rdapConformance':['rdap_level_0'],'notices':[{'title':'Terms'}]}", NULL,
		  NULL },
		{ "{'domainSearchResults':[{'objectClassName':'domain','ldhName':'a.example'}]}",
		  NULL, NULL },
	};

	rows_check(rows, ARRAY_COUNT(rows));
}

TEST(events_give_dates_by_their_action)
{
	static const struct row rows[] = {
		/* RFC 9083 sections 4.5 and 10.2.3 */
		{ DOMAIN("'events':[" EVENT("registration", "1990-12-31T23:59:59Z") "]"),
		  "/created", "1990-12-31T23:59:59Z" },
		{ DOMAIN("'events':[" EVENT("expiration", "2030-01-02T03:04:05Z") "]"), "/expires",
		  "2030-01-02T03:04:05Z" },
		{ DOMAIN("'events':[" EVENT("last changed", "1991-12-31T23:59:59Z") "]"),
		  "/changed", "1991-12-31T23:59:59Z" },
		{ DOMAIN("'events':[" EVENT("last update of RDAP database",
					    "2026-01-01T00:00:00Z") "]"),
		  "/changed", "" },
		{ DOMAIN("'events':[" EVENT("registrar expiration", "2031-01-01T00:00:00Z") "]"),
		  "/expires", "" },
		{ DOMAIN("'events':[" EVENT("reregistration", "2020-01-01T00:00:00Z") "]"),
		  "/created", "" },
		{ DOMAIN("'events':[" EVENT("transfer", "2020-01-01T00:00:00Z") "]"), "/changed",
		  "" },
		{ DOMAIN("'events':[" EVENT("Registration", "2001-02-03T04:05:06Z") "]"),
		  "/created", "2001-02-03T04:05:06Z" },
		{ DOMAIN("'events':[{'eventAction':'expiration','eventActor':'X','eventDate':"
			 "'2030-01-02T03:04:05Z','links':[]}]"),
		  "/expires", "2030-01-02T03:04:05Z" },
		/* the first counts */
		{ DOMAIN("'events':[" EVENT("expiration", "2030-01-02T03:04:05Z") "," EVENT(
			  "expiration", "2040-01-02T03:04:05Z") "]"),
		  "/expires", "2030-01-02T03:04:05Z" },
		/* as servers write them */
		{ DOMAIN("'events':[" EVENT("expiration", "2030-01-02T03:04:05.678Z") "]"),
		  "/expires", "2030-01-02T03:04:05Z" },
		{ DOMAIN("'events':[" EVENT("expiration", "2030-01-02T03:04:05+02:00") "]"),
		  "/expires", "2030-01-02T01:04:05Z" },
		{ DOMAIN("'events':[" EVENT("expiration", "2030-01-02") "]"), "/expires",
		  "2030-01-02T00:00:00Z" },
		{ DOMAIN("'events':[" EVENT("expiration", "2030-01-02 03:04:05") "]"), "/expires",
		  "2030-01-02T03:04:05Z" },
		{ DOMAIN("'events':[" EVENT("expiration", "never") "]"), "/expires", "" },
		{ DOMAIN("'events':[" EVENT("expiration", "") "]"), "/expires", "" },
		{ DOMAIN("'events':[{'eventAction':'expiration','eventDate':null}]"), "/expires",
		  "" },
		{ DOMAIN("'events':[{'eventAction':'expiration'}]"), "/expires", "" },
		{ DOMAIN("'events':null"), "/expires", "" },
		{ DOMAIN("'events':{}"), "/expires", "" },
		/* those of an entity are the entity's */
		{ DOMAIN("'entities':[" ENTITY(
			  "registrar",
			  "'events':[" EVENT("registration", "1999-01-01T00:00:00Z") "]") "]"),
		  "/created", "" },
	};

	rows_check(rows, ARRAY_COUNT(rows));
}

TEST(entities_are_who_they_are_by_their_roles)
{
	static const struct row rows[] = {
		/* RFC 9083 section 5.1, RFC 7095 */
		{ DOMAIN("'entities':[" ENTITY("registrar", CARD("['fn',{},'text','R Inc.']")) "]"),
		  "/registrar", "R Inc." },
		{ DOMAIN("'entities':[" ENTITY("registrar", "'handle':'292'") "]"), "/registrar",
		  "292" },
		{ DOMAIN("'entities':[" ENTITY(
			  "registrar",
			  "'publicIds':[{'type':'IANA Registrar ID','identifier':'292'}]") "]"),
		  "/registrar_id", "292" },
		{ DOMAIN("'entities':[" ENTITY(
			  "registrar", "'publicIds':[{'type':'Other','identifier':'5'}]") "]"),
		  "/registrar_id", "" },
		{ DOMAIN("'entities':[" ENTITY("Registrar", CARD("['fn',{},'text','R']")) "]"),
		  "/registrar", "R" },
		{ DOMAIN("'entities':[{'roles':['sponsor','registrar']," CARD(
			  "['fn',{},'text','R']") "}]"),
		  "/registrar", "R" },
		{ DOMAIN("'entities':[{'roles':'registrar'," CARD("['fn',{},'text','R']") "}]"),
		  "/registrar", "R" }, /* no list, as some write it */
		{ DOMAIN("'entities':[{'handle':'H'}]"), "/registrar", "" },
		{ DOMAIN("'entities':[" ENTITY("registrant",
					       CARD("['fn',{},'text','A B'],['org',{},"
						    "'text','Org']")) "]"),
		  "/holder", "Org" },
		{ DOMAIN("'entities':[" ENTITY("registrant", CARD("['fn',{},'text','A B']")) "]"),
		  "/holder", "A B" },
		{ DOMAIN("'entities':[" ENTITY("registrant",
					       CARD("['org',{},'text',['Org','Unit']]")) "]"),
		  "/holder", "Org" },
		{ DOMAIN("'entities':[" ENTITY("registrant", CARD("['fn',{},'text','']")) "]"),
		  "/holder", "" },
		{ DOMAIN("'entities':[" ENTITY("technical", CARD("['fn',{},'text','T']")) "]"),
		  "/holder", "" },
		{ DOMAIN("'entities':[" ENTITY(
			  "registrar",
			  "'entities':[" ENTITY(
				  "abuse", CARD("['email',{},'text','a@r.example']")) "]") "]"),
		  "/abuse_email", "a@r.example" },
		{ DOMAIN("'entities':[" ENTITY("abuse", CARD("['tel',{'type':['voice']},'uri',"
							     "'tel:+1.555;ext=7']")) "]"),
		  "/abuse_phone", "+1.555;ext=7" },
		{ DOMAIN("'entities':[" ENTITY("abuse", CARD("['tel',{},'text','+1 555']")) "]"),
		  "/abuse_phone", "+1 555" },
		{ DOMAIN("'entities':[" ENTITY("abuse",
					       CARD("['EMAIL',{},'text','a@r.example']")) "]"),
		  "/abuse_email", "a@r.example" },
		{ DOMAIN("'entities':[" ENTITY("registrar", "'vcardArray':['vcard']") "]"),
		  "/registrar", "" },
		{ DOMAIN("'entities':[" ENTITY("registrar", "'vcardArray':['vcard',[['fn']]]") "]"),
		  "/registrar", "" },
		{ DOMAIN("'entities':[" ENTITY("registrar", "'vcardArray':{}") "]"), "/registrar",
		  "" },
		{ DOMAIN("'entities':[" ENTITY("registrar", CARD("['fn',{},'text',7]")) "]"),
		  "/registrar", "" },
		{ DOMAIN("'entities':[null,7,'x',[]]"), "/registrar", "" },
		{ DOMAIN("'entities':null"), "/registrar", "" },
	};

	rows_check(rows, ARRAY_COUNT(rows));
}

TEST(what_is_withheld_is_no_name)
{
	static const struct row rows[] = {
		/* RFC 9537 section 4.2: by name, whatever the method */
		{ DOMAIN("'redacted':[{'name':{'type':'Registrant Name'},'method':'emptyValue'}]"),
		  "/redacted/0", "Registrant Name" },
		{ DOMAIN("'redacted':[{'name':{'description':'Tech Phone'},'method':'removal'}]"),
		  "/redacted/0", "Tech Phone" },
		{ DOMAIN("'redacted':[{'name':{'type':'Registrant Street'},'postPath':'$.x',"
			 "'pathLang':'jsonpath','method':'partialValue','reason':{'description':"
			 "'Server policy'}}]"),
		  "/redacted/0", "Registrant Street" },
		{ DOMAIN("'redacted':[{'name':{'type':'Registrant Email'},'replacementPath':'$.y',"
			 "'method':'replacementValue'}]"),
		  "/redacted/0", "Registrant Email" },
		{ DOMAIN("'redacted':[{'name':{'type':'A'}},{'name':{'type':'B'}}]"), "/redacted/1",
		  "B" },
		{ DOMAIN("'redacted':[{'name':{'type':'A'}},{'name':{'type':'A'}}]"), "/redacted/1",
		  "" },
		{ DOMAIN("'redacted':[{'name':'A'}]"), "/redacted/0", "" },
		{ DOMAIN("'redacted':{}"), "/redacted/0", "" },
		/* before RFC 9537, and beside it: words in the place of what is withheld */
		{ DOMAIN("'entities':[" ENTITY(
			  "registrant", CARD("['fn',{},'text','REDACTED FOR PRIVACY']")) "]"),
		  "/holder", "" },
		{ DOMAIN("'entities':[" ENTITY("registrant",
					       CARD("['fn',{},'text','Redacted']")) "]"),
		  "/holder", "" },
		{ DOMAIN("'entities':[" ENTITY("registrant", CARD("['org',{},'text','DATA "
								  "REDACTED']")) "]"),
		  "/holder", "" },
		{ DOMAIN("'entities':[" ENTITY("registrant",
					       CARD("['fn',{},'text','REDACTED FOR "
						    "PRIVACY'],['org',{},'text','Org']")) "]"),
		  "/holder", "Org" },
		{ DOMAIN("'entities':[" ENTITY("abuse", CARD("['email',{},'text','REDACTED FOR "
							     "PRIVACY']")) "]"),
		  "/abuse_email", "" },
		{ DOMAIN("'entities':[" ENTITY("registrant",
					       CARD("['fn',{},'text','Redactedly Ltd']")) "]"),
		  "/holder", "Redactedly Ltd" },
	};

	rows_check(rows, ARRAY_COUNT(rows));
}

TEST(status_servers_and_keys_are_lists)
{
	static const struct row rows[] = {
		/* RFC 8056, RFC 9083 section 10.2.2 */
		{ DOMAIN("'status':['client transfer prohibited']"), "/status/0",
		  "client transfer prohibited" },
		{ DOMAIN("'status':['clientTransferProhibited']"), "/status/0",
		  "client transfer prohibited" },
		{ DOMAIN("'status':['Server Hold']"), "/status/0", "server hold" },
		{ DOMAIN("'status':['ok']"), "/status/0", "active" },
		{ DOMAIN("'status':['active','active']"), "/status/1", "" },
		{ DOMAIN("'status':'active'"), "/status/0", "active" }, /* no list */
		{ DOMAIN("'status':null"), "/status/0", "" },
		{ DOMAIN("'status':[7,null]"), "/status/0", "" },
		{ DOMAIN("'nameservers':[{'objectClassName':'nameserver','ldhName':'NS1.A.example.'"
			 "}]"),
		  "/name_servers/0", "ns1.a.example" },
		{ DOMAIN("'nameservers':[{'ldhName':'ns1.a.example'},{'ldhName':'NS1.a.example'}]"),
		  "/name_servers/1", "" },
		{ DOMAIN("'nameservers':[{'unicodeName':'x'},{'ldhName':'ns2.a.example'}]"),
		  "/name_servers/0", "ns2.a.example" },
		{ DOMAIN("'nameservers':[{'ldhName':'no host'}]"), "/name_servers/0", "" },
		{ DOMAIN("'nameServers':[{'ldhName':'ns1.a.example'}]"), "/name_servers/0", "" },
		{ DOMAIN("'secureDNS':{'zoneSigned':true,'delegationSigned':true}"), "/signed",
		  "true" },
		{ DOMAIN("'secureDNS':{'delegationSigned':false}"), "/signed", "" },
		{ DOMAIN("'secureDNS':{'zoneSigned':true}"), "/signed", "" },
		{ DOMAIN("'secureDNS':{'delegationSigned':'true'}"), "/signed", "" },
		{ DOMAIN("'secureDNS':{'dsData':[{'keyTag':12345,'algorithm':8,'digestType':2,"
			 "'digest':'E3B0C4'}]}"),
		  "/ds/0", "12345 8 2 e3b0c4" },
		{ DOMAIN("'secureDNS':{'dsData':[{'keyTag':'12345','algorithm':'8','digestType':'2'"
			 ","
			 "'digest':'E3B0C4'}]}"),
		  "/ds/0", "12345 8 2 e3b0c4" },
		{ DOMAIN("'secureDNS':{'keyData':[{'flags':257}]}"), "/ds/0", "" },
		{ DOMAIN("'secureDNS':null"), "/signed", "" },
		/* section 4.2: the registrar's own server */
		{ DOMAIN("'links':[{'rel':'related','type':'application/rdap+json','href':"
			 "'https://r.example/domain/a.example'}]"),
		  "/referral", "https://r.example/domain/a.example" },
		{ DOMAIN("'links':[{'rel':'self','type':'application/rdap+json','href':"
			 "'https://r.example/'}]"),
		  "/referral", "" },
		{ DOMAIN("'links':[{'rel':'related','type':'text/html','href':'https://r.example/"
			 "'}]"),
		  "/referral", "" },
	};

	rows_check(rows, ARRAY_COUNT(rows));
}
