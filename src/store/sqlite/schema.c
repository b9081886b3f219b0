/* SPDX-License-Identifier: Apache-2.0 */
/* Which migrations and statements are there? */
#include "store/sqlite/schema.h"

#include "store/sql.h"

static const struct sqlite_statement statements[] = {
#define X(name, text) { #name, text },
	STATEMENTS(X)
#undef X
};

static const struct sqlite_schema *replacement;

struct sqlite_schema sqlite_schema(void)
{
	if (replacement)
		return *replacement;
	return (struct sqlite_schema){ .migrations = sqlite_migrations,
				       .migration_count = sqlite_migration_count,
				       .statements = statements,
				       .statement_count = SQL_STATEMENTS };
}

void sqlite_schema_replace(const struct sqlite_schema *schema)
{
	replacement = schema;
}
