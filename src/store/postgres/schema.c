/* SPDX-License-Identifier: Apache-2.0 */
/* Which migrations and statements are there? */
#include "store/postgres/schema.h"

#include "store/postgres/overrides.h"
#include "store/sql.h"

static const struct postgres_override overrides[] = {
#define AHEAD(name) { .statement = SQL_##name, .is_ahead = true },
#define PLAIN(name) { .statement = SQL_##name, .is_plain = true },
#define COUNTED(name) { .statement = SQL_##name, .is_plain = true, .is_counted = true },
#define INSTEAD(name, words) { .statement = SQL_##name, .text = words },
	POSTGRES_STATEMENTS(AHEAD, PLAIN, COUNTED, INSTEAD)
#undef AHEAD
#undef PLAIN
#undef COUNTED
#undef INSTEAD
};

static const struct postgres_schema *replacement;

struct postgres_schema postgres_schema(void)
{
	struct sqlite_schema common = sqlite_schema();

	if (replacement)
		return *replacement;
	return (struct postgres_schema){ .migrations = postgres_migrations,
					 .migration_count = postgres_migration_count,
					 .statements = common.statements,
					 .statement_count = common.statement_count,
					 .overrides = overrides,
					 .override_count = ARRAY_COUNT(overrides) };
}

void postgres_schema_replace(const struct postgres_schema *schema)
{
	replacement = schema;
}
