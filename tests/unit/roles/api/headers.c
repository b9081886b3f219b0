/* SPDX-License-Identifier: Apache-2.0 */
/* Are headers understood: what is accepted, which version was seen, who asks how often? */
#include "tests/test.h"

#include "base/err.h"
#include "roles/api/accept.h"
#include "roles/api/etag.h"
#include "roles/api/identity.h"
#include "roles/api/rate.h"

TEST(accept_picks_the_best_offer)
{
	static const char *const offers[] = { "application/json", "application/x-ndjson",
					      "text/csv", NULL };
	static const struct {
		const char *accept, *chosen;
	} rows[] = {
		{ "", "application/json" },
		{ "*/*", "application/json" },
		{ "text/csv", "text/csv" },
		{ "TEXT/CSV", "text/csv" },
		{ "text/*", "text/csv" },
		{ "text/csv;q=0.5, application/x-ndjson", "application/x-ndjson" },
		{ "application/*;q=0.1, text/csv;q=0.2", "text/csv" },
		{ "application/json;q=0, */*;q=0.1", "application/x-ndjson" },
		{ "text/html,application/xhtml+xml,*/*;q=0.8", "application/json" },
		{ "text/html", NULL },
		{ "application/json;q=0", NULL },
		{ "application/json;q=x", NULL },
		{ "text", NULL },
		{ "/", NULL },
	};

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		const char *chosen = accept_media(str_of(rows[i].accept), offers);

		test_row("%s", rows[i].accept);
		CHECK_STR(str_of(chosen), rows[i].chosen ? rows[i].chosen : "");
	}
}

TEST(gzip_is_given_to_who_takes_it)
{
	CHECK(accept_gzip(STR_LIT("gzip")) && accept_gzip(STR_LIT("deflate, GZIP;q=0.5, br")));
	CHECK(!accept_gzip(STR_LIT("")) && !accept_gzip(STR_LIT("gzip;q=0")) &&
	      !accept_gzip(STR_LIT("br, identity")));
}

TEST(media_types_of_bodies)
{
	CHECK_STR(media_of(STR_LIT("application/json; charset=UTF-8")), "application/json");
	CHECK_STR(media_of(STR_LIT("application/json;charset=\"utf-8\"")), "application/json");
	CHECK_STR(media_of(STR_LIT("application/json; charset=latin1")), "");
	CHECK_INT(prefer_wait(STR_LIT("respond-async, wait=30")), 30);
	CHECK_INT(prefer_wait(STR_LIT("wait=-1")), 0);
	CHECK_INT(prefer_wait(STR_LIT("")), 0);
}

TEST(tags_match_in_both_forms)
{
	char tag[ETAG_BYTES], gzip[ETAG_BYTES];
	int64_t version = -1;

	etag_of_version(tag, 12, STR_LIT("{}"));
	CHECK(strlen(tag) == 14 && str_starts(str_of(tag), STR_LIT("\"v12-")));
	CHECK(etag_version(str_of(tag), &version) == 0 && version == 12);
	memcpy(tag, "\"v12\"", 6);
	memcpy(gzip, tag, sizeof gzip);
	etag_mark_gzip(gzip);
	CHECK_STR(str_of(gzip), "\"v12-gz\"");
	CHECK(etag_is_in(str_of(gzip), str_of(tag), false));
	CHECK(etag_is_in(STR_LIT("\"x\", \"v12\""), str_of(tag), false));
	CHECK(etag_is_in(STR_LIT("*"), str_of(tag), false));
	CHECK(etag_is_in(STR_LIT("W/\"v12\""), str_of(tag), true));
	CHECK(!etag_is_in(STR_LIT("W/\"v12\""), str_of(tag), false));
	CHECK(!etag_is_in(STR_LIT("\"v1\", \"v123\", v12, \"\", \""), str_of(tag), true));
	CHECK(etag_version(str_of(gzip), &version) == 0 && version == 12);
	CHECK(etag_version(STR_LIT("*"), &version) == 0 && version == 0);
	CHECK(etag_version(STR_LIT("\"12\""), &version) < 0);
	CHECK(etag_version(STR_LIT("W/\"v12\""), &version) < 0);
	CHECK(etag_version(STR_LIT("\"v99999999999999999999\""), &version) < 0);
}

TEST(request_ids_are_taken_when_well_formed)
{
	struct identity identity;

	identity_begin(&identity, STR_LIT("abc-1.2_3"), STR_NONE);
	CHECK_STR(str_of(identity.request_id), "abc-1.2_3");
	CHECK_INT(strlen(identity.parent), 55);
	identity_begin(&identity, STR_LIT("a b"),
		       STR_LIT("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"));
	CHECK_STR(str_of(identity.request_id), "0af7651916cd43dd8448eb211c80319c");
	CHECK(str_starts(str_of(identity.parent), STR_LIT("00-0af7651916cd43dd8448eb211c80319c-")));
	CHECK(!strstr(identity.parent, "b7ad6b7169203331"));
	identity_begin(&identity, STR_LIT("a\r\nb"), STR_LIT("00-zz"));
	CHECK_INT(strlen(identity.request_id), 32);
}

TEST(buckets_empty_and_fill)
{
	static const struct rate_limit ten = { 10, 1, 5 }, none = { 0, 0, 0 }, one = { 1, 1, 1 };
	static const struct rate_limit slow = { 2, 60, 2 };
	struct rates rates;
	struct rate_state now;
	int64_t now_us = 1000000;

	rates_open(&rates);
	for (int i = 0; i < 5; i++) {
		now = rate_take(&rates, STR_LIT("a"), ten, now_us);
		CHECK(now.is_allowed);
		CHECK_INT(now.left, 4 - i);
	}
	now = rate_take(&rates, STR_LIT("a"), ten, now_us);
	CHECK(!now.is_allowed && now.reset_s == 1);
	CHECK(rate_take(&rates, STR_LIT("b"), ten, now_us).is_allowed);
	CHECK(!rate_take(&rates, STR_LIT("a"), ten, now_us + 99999).is_allowed);
	CHECK(rate_take(&rates, STR_LIT("a"), ten, now_us + 100000).is_allowed);
	CHECK(rate_take(&rates, STR_LIT("c"), none, now_us).is_allowed);
	CHECK(rate_take(&rates, STR_LIT("d"), slow, now_us).is_allowed);
	CHECK(rate_take(&rates, STR_LIT("d"), slow, now_us).is_allowed);
	now = rate_take(&rates, STR_LIT("d"), slow, now_us);
	CHECK(!now.is_allowed && now.reset_s == 30);
	CHECK(rate_take(&rates, STR_LIT("d"), slow, now_us + 30000000).is_allowed);
	/* Many others may make it forget one, never crash or refuse a new one. */
	for (int i = 0; i < RATE_SETS * RATE_WAYS * 2; i++)
		CHECK(rate_take(&rates, str_bytes(&i, sizeof i), one, now_us + i).is_allowed);
	rates_close(&rates);
}
