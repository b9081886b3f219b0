/* SPDX-License-Identifier: Apache-2.0 */
/* What does one hear whose server takes too long, or may only be read, and does it go on afterwards? */
#include "base/clock.h"
#include "store/postgres/parts.h"
#include "tests/contract/fixture.h"

#include <string.h>

enum { SECOND_US = 1000000 };

static int write_one(struct store *store, int64_t id, struct err *err)
{
	const char *name = id == 1 ? "one" : "two";

	return store_write(store, item_insert, &(struct item){ id, name, 1 }, err);
}

static void check_said(const struct err *err, const char *says)
{
	if (!strstr(err->text, says) || strchr(err->text, '\n'))
		fail_msg("%s", err->text);
}

/* A statement that would run for a minute. */
TEST(a_statement_that_takes_too_long_is_stopped_and_said)
{
	struct fixture f;
	struct store *store;
	int64_t begun_us;

	fixture_open(&f);
	store = fixture_store(&f);
	fixture_ask(&f, "CREATE FUNCTION sleep() RETURNS trigger LANGUAGE plpgsql AS "
			"$$ BEGIN PERFORM pg_sleep(60); RETURN NEW; END $$; "
			"CREATE TRIGGER slow BEFORE INSERT ON item FOR EACH ROW EXECUTE FUNCTION "
			"sleep()");
	begun_us = clock_monotonic_us();
	CHECK_INT(write_one(store, 1, &f.err), -EBUSY);
	check_said(&f.err, "the statement took too long and was stopped");
	CHECK(clock_monotonic_us() - begun_us >= POSTGRES_STATEMENT_MS * INT64_C(1000));
	CHECK(clock_monotonic_us() - begun_us < INT64_C(50) * SECOND_US);
	fixture_ask(&f, "DROP TRIGGER slow ON item");
	CHECK_INT(write_one(store, 2, &f.err), 0);
	CHECK_INT(fixture_count(store), 1);
	store_close(store);
	fixture_close(&f);
}

/* New connections find the database so, as after a move to a standby. */
static void set_read_only(bool is_on)
{
	fixture_ask_elsewhere(is_on ? "ALTER DATABASE dss SET default_transaction_read_only = on"
				    : "ALTER DATABASE dss RESET default_transaction_read_only");
	fixture_ask_elsewhere("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE "
			      "datname = 'dss'");
}

TEST(a_database_that_may_only_be_read_is_said_read_and_written_again_later)
{
	struct store *store, *refused;
	struct fixture f;
	int code;

	fixture_open(&f);
	store = fixture_store(&f);
	CHECK_INT(write_one(store, 1, &f.err), 0);
	set_read_only(true);
	for (int i = 0; i < 3; i++) { /* each is told, none waits or ends the process */
		code = write_one(store, 2, &f.err);
		if (code != -EROFS)
			fail_msg("%d: %s", code, f.err.text);
		check_said(&f.err, "it may only be read here");
		check_said(&f.err, "name the primary server, not a standby");
	}
	CHECK_INT(fixture_count(store), 1);
	CHECK_INT(store_open(str_of(f.url), STORE_CREATE, &refused, &f.err), -EROFS);
	check_said(&f.err, "it may only be read here");
	set_read_only(false);
	CHECK_INT(write_one(store, 2, &f.err), 0);
	CHECK_INT(fixture_count(store), 2);
	store_close(store);
	fixture_close(&f);
}

/* Somebody has taken a table away under a store that is open: told, and nothing else breaks. */
TEST(a_table_that_is_no_more_is_named)
{
	struct store *store;
	struct fixture f;

	fixture_open(&f);
	store = fixture_store(&f);
	CHECK_INT(write_one(store, 1, &f.err), 0);
	fixture_ask(&f, "ALTER TABLE item RENAME TO gone");
	CHECK(write_one(store, 2, &f.err) < 0);
	check_said(&f.err, "\"item\" does not exist");
	fixture_ask(&f, "ALTER TABLE gone RENAME TO item");
	CHECK_INT(write_one(store, 2, &f.err), 0);
	CHECK_INT(fixture_count(store), 2);
	store_close(store);
	fixture_close(&f);
}
