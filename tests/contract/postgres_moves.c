/* SPDX-License-Identifier: Apache-2.0 */
/* Is a store that was moved the same, and is what is not ours refused with the reason? */
#include "store/move.h"

#include "store/domain.h"
#include "store/event.h"
#include "store/fact.h"
#include "store/postgres/parts.h"
#include "tests/contract/rows.h"

#include <pthread.h>
#include <sys/stat.h>

enum { MANY = 300 };

static int fill(struct store_tx *tx, void *context, struct err *err)
{
	for (int i = 0; i < MANY; i++) {
		struct str tags[] = { STR_LIT("corp"), str_printf(tx->a, "t%d", i % 7) };
		struct domain_row row = { .workspace = 1,
					  .name = str_printf(tx->a, "name%d.example", i),
					  .owner = i % 2 ? STR_LIT("\xc3\xa4"
								   "da")
							 : STR_NONE,
					  .tags = tags,
					  .tag_count = ARRAY_COUNT(tags),
					  .profile = DOMAIN_NO_PROFILE };
		struct event_row event = { .workspace = 1, .type = 1, .severity = -1 };
		int64_t no;

		TRY(domain_insert(tx, &row, err));
		TRY(document_put(tx, row.name, &no, err));
		event.domain = row.no;
		TRY(event_insert(tx, &event, err));
	}
	return 0;
}

static int add_one(struct store_tx *tx, void *ret_sequence, struct err *err)
{
	struct domain_row row = { .workspace = 1,
				  .name = STR_LIT("later.example"),
				  .profile = DOMAIN_NO_PROFILE };
	struct event_row event = { .workspace = 1, .type = 1, .severity = -1 };

	TRY(domain_insert(tx, &row, err));
	TRY(event_insert(tx, &event, err));
	*(int64_t *)ret_sequence = event.sequence;
	return 0;
}

struct told {
	int64_t rows;
	int tables;
};

static void count_rows(void *context, const char *table, int64_t rows)
{
	struct told *told = context;

	told->rows += rows;
	told->tables++;
}

static void move(struct fixture *f, const char *from, const char *to, struct told *ret)
{
	*ret = (struct told){ 0 };
	if (store_move(str_of(from), str_of(to), count_rows, ret, &f->err) < 0)
		fail_msg("%s", f->err.text);
}

static struct store *open_store(struct fixture *f, const char *url)
{
	struct store *store;

	if (store_open(str_of(url), STORE_CREATE, &store, &f->err) < 0)
		fail_msg("%s", f->err.text);
	return store;
}

TEST(a_store_goes_to_the_server_and_back_and_is_the_same)
{
	char first[128], second[128];
	struct told there, back;
	struct fixture f;
	struct store *store;
	int64_t sequence = 0;

	fixture_open_schema(&f);
	snprintf(first, sizeof first, "sqlite:%s/first", f.folder);
	snprintf(second, sizeof second, "sqlite:%s/second", f.folder);
	store = open_store(&f, first);
	CHECK_INT(store_write(store, fill, NULL, &f.err), 0);
	store_close(store);
	move(&f, first, f.url, &there);
	CHECK(there.rows >= 5 * MANY && there.tables > 20);
	CHECK_INT(fixture_ask(&f, "SELECT count(*) FROM tag"), 2 * MANY);
	CHECK_INT(store_move(str_of(first), str_of(f.url), NULL, NULL, &f.err), -ENOTEMPTY);
	CHECK_INT(store_move(str_of(first), str_of(first), NULL, NULL, &f.err), -EINVAL);
	/* numbers go on where they were */
	store = fixture_store(&f);
	CHECK_INT(store_write(store, add_one, &sequence, &f.err), 0);
	CHECK_INT(sequence, MANY + 1);
	fixture_check(store);
	store_close(store);
	move(&f, f.url, second, &back);
	CHECK_INT(back.rows, there.rows + 2);
	store = open_store(&f, second);
	fixture_check(store);
	store_close(store);
	fixture_close(&f);
}

/* ---- what is refused ---- */

static void check_refused(struct fixture *f, const char *url, unsigned flags, int code,
			  const char *says)
{
	struct store *store = NULL;
	int got = store_open(str_of(url), flags, &store, &f->err);

	if (got != code || !strstr(f->err.text, says))
		fail_msg("%d, not %d: %s", got, code, got < 0 ? f->err.text : "it was opened");
	CHECK(!strchr(f->err.text, '\n'));
}

TEST(what_cannot_be_opened_is_refused_in_one_line)
{
	static const struct {
		const char *url;
		int code;
		const char *says;
	} rows[] = {
		{ "postgresql:dss", -EINVAL, "write postgresql://USER@HOST/DATABASE" },
		{ "postgresql://dss:secret@/dss", -EINVAL, "a password in the URL" },
		{ "postgresql://dss@/dss?password=secret", -EINVAL, "a password in the URL" },
		{ "postgresql://dss@/dss?password-file=/nowhere", -ENOENT, "/nowhere" },
		{ "postgresql://dss@/dss?nonsense=1", -EINVAL, "none that libpq can read" },
		{ "postgresql://dss@/dss?host=/nowhere", -ECONNREFUSED, "cannot be reached" },
	};
	char url[300];
	struct fixture f;

	fixture_open(&f);
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		test_row("%s", rows[i].url);
		check_refused(&f, rows[i].url, STORE_CREATE, rows[i].code, rows[i].says);
		CHECK(!strstr(f.err.text, "secret"));
	}
	snprintf(url, sizeof url, "%s&dbname=absent", fixture_server());
	check_refused(&f, url, STORE_CREATE, -ENOENT, "there is no such database");
	snprintf(url, sizeof url, "%s&user=absent", fixture_server());
	check_refused(&f, url, STORE_CREATE, -EACCES,
		      "does not let this user in (connecting: role");
	CHECK(strstr(f.err.text, "and the server's pg_hba.conf")); /* the line is whole */
	snprintf(url, sizeof url, "%s%%20-cdefault_transaction_read_only%%3Don", f.url);
	check_refused(&f, url, STORE_CREATE, -EROFS, "may only be read here");
	check_refused(&f, f.url, 0, -ENOENT, "there is no store in this database");
	fixture_ask(&f, "CREATE TABLE theirs (x int)");
	check_refused(&f, f.url, STORE_CREATE, -EMEDIUMTYPE, "another program");
	fixture_close(&f);
}

static void write_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	CHECK(file && fputs(text, file) >= 0 && fchmod(fileno(file), 0600) == 0);
	CHECK_INT(fclose(file), 0);
}

TEST(a_password_comes_from_a_file_and_is_told_to_nobody)
{
	static const struct {
		const char *parameter, *text;
		int code;
	} rows[] = {
		{ "password-file", "s3cret\n", 0 },      { "passfile", "*:*:*:*:s3cret\n", 0 },
		{ "password-file", "wr0ng\n", -EACCES }, { "passfile", "*:*:*:*:wr0ng\n", -EACCES },
		{ "password-file", "\n", -EINVAL },
	};
	char url[512], path[128];
	struct store *store;
	struct fixture f;

	fixture_open(&f);
	fixture_ask(&f, "CREATE ROLE dss_with_password SUPERUSER LOGIN PASSWORD 's3cret'");
	snprintf(path, sizeof path, "%s/password", f.folder);
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		test_row("%s %s", rows[i].parameter, rows[i].text);
		write_file(path, rows[i].text);
		snprintf(url, sizeof url, "%s&user=dss_with_password&%s=%s", f.url,
			 rows[i].parameter, path);
		CHECK_INT(store_open(str_of(url), STORE_CREATE, &store, &f.err), rows[i].code);
		if (rows[i].code == 0)
			store_close(store);
		else
			CHECK(!strstr(f.err.text, "wr0ng"));
	}
	fixture_ask(&f, "REASSIGN OWNED BY dss_with_password TO dss; DROP ROLE dss_with_password");
	fixture_close(&f);
}

static void use_release(unsigned migrations)
{
	postgres_schema_replace(fixture_postgres_schema(migrations));
}

TEST(releases_work_side_by_side_as_far_as_migrations_say)
{
	struct fixture f;
	struct store *old, *store;

	fixture_open(&f);
	use_release(1);
	old = fixture_store(&f);
	use_release(2); /* which says that releases from schema 1 work with it */
	check_refused(&f, f.url, STORE_CREATE, ERR_VERSION, "run dss db migrate once");
	check_refused(&f, f.url, STORE_READ_ONLY, ERR_VERSION, "run dss db migrate once");
	store = fixture_store(&f); /* migrates */
	CHECK_INT(store_write(old, item_insert, &(struct item){ 1, "kept", 1 }, &f.err), 0);
	store_close(old);
	use_release(1);
	old = fixture_store(&f);
	CHECK_INT(fixture_count(old), 1);
	store_close(old);
	store_close(store);
	use_release(3); /* which says that only releases from schema 3 do */
	store_close(fixture_store(&f));
	use_release(2);
	check_refused(&f, f.url, STORE_CREATE | STORE_MIGRATE, ERR_VERSION,
		      "was made by a newer release (schema 3, this one knows 2)");
	CHECK_INT(fixture_ask(&f, "SELECT count(*) FROM schema_version"), 3);
	fixture_ask(&f, "UPDATE schema_version SET hash = 'other' WHERE number = 1");
	use_release(3);
	check_refused(&f, f.url, STORE_CREATE, ERR_VERSION, "in another form");
	fixture_close(&f);
}

static void *open_and_close(void *f)
{
	struct store *store;
	struct err err = { 0 };
	int code = store_open(str_of(((struct fixture *)f)->url), STORE_CREATE | STORE_MIGRATE,
			      &store, &err);

	if (code == 0)
		store_close(store);
	else
		print_error("%s\n", err.text);
	return code == 0 ? f : NULL;
}

TEST(many_who_migrate_at_once_do_it_once)
{
	pthread_t threads[6];
	struct fixture f;

	fixture_open_schema(&f);
	for (size_t i = 0; i < ARRAY_COUNT(threads); i++)
		CHECK_INT(pthread_create(&threads[i], NULL, open_and_close, &f), 0);
	for (size_t i = 0; i < ARRAY_COUNT(threads); i++) {
		void *result;

		pthread_join(threads[i], &result);
		CHECK(result);
	}
	CHECK_INT(fixture_ask(&f, "SELECT count(*) FROM schema_version"), postgres_migration_count);
	fixture_close(&f);
}

/* The same tables with the same columns: dss db copy and the statements want them. */
TEST(both_databases_have_the_same_migrations_by_number_and_name)
{
	CHECK_INT(postgres_migration_count, sqlite_migration_count);
	for (unsigned i = 0; i < sqlite_migration_count; i++)
		CHECK_STR(str_of(postgres_migrations[i].name), sqlite_migrations[i].name);
}
