/* SPDX-License-Identifier: Apache-2.0 */
/** Statements of store/domain.c. */
#ifndef DSS_STORE_SQLITE_STATEMENTS_DOMAIN_H
#define DSS_STORE_SQLITE_STATEMENTS_DOMAIN_H

#define DOMAIN_COLUMNS                                                                             \
	"d.no, d.id, d.workspace, d.name, d.owner, d.notes, d.profile, d.expectations, "           \
	"d.version, "                                                                              \
	"d.created_at, d.updated_at, d.deleted_at, d.proof_token, d.proven_at, d.scan, "           \
	"d.scanned_at, d.grade, d.score, d.fact_set, d.open_info, d.open_low, d.open_medium, "     \
	"d.open_high, d.open_critical, d.expires_at"

/* ?1 workspace, ?2 part of the name, ?3 LIKE, ?4 tag, ?5 owner, ?6 grade, ?7 expires until,
 * ?8 changed since, ?9 scanned before: NULL where it is not asked, but ?7 and ?9 are always there. */
#define DOMAIN_FILTER                                                                              \
	" WHERE d.workspace = ?1 AND d.deleted_at IS NULL"                                         \
	" AND (?2 IS NULL OR instr(d.name, ?2) > 0)"                                               \
	" AND (?3 IS NULL OR d.name LIKE ?3 ESCAPE '\\')"                                          \
	" AND (?4 IS NULL OR EXISTS"                                                               \
	" (SELECT 1 FROM tag x WHERE x.workspace = ?1 AND x.tag = ?4 AND x.domain = d.no))"        \
	" AND (?5 IS NULL OR d.owner = ?5) AND (?6 IS NULL OR d.grade = ?6)"                       \
	" AND d.expires_key <= ?7"                                                                 \
	" AND (?8 IS NULL OR max(d.updated_at, d.scanned_key) >= ?8)"                              \
	" AND d.scanned_key < ?9"

/* Where a list starts from: all by an index of its order, or the few that a tag or owner has. */
#define DOMAIN_FROM_ALL(index) " FROM domain d INDEXED BY " index DOMAIN_FILTER
#define DOMAIN_FROM_NAMES(index) " FROM domain d" DOMAIN_FILTER
#define DOMAIN_FROM_TAG(index)                                                                     \
	" FROM tag t CROSS JOIN domain d ON d.no = t.domain" DOMAIN_FILTER                         \
	" AND t.workspace = ?1 AND t.tag = ?4"
#define DOMAIN_FROM_OWNER(index)                                                                   \
	" FROM domain d INDEXED BY domain_by_owner" DOMAIN_FILTER " AND d.owner = ?5"
#define DOMAIN_FROM_GRADE(index)                                                                   \
	" FROM domain d INDEXED BY domain_by_grade" DOMAIN_FILTER " AND d.grade = ?6"

/* ?10, ?11: key and name of the row before; ?12: how many. By name ?10 is the last name that is looked
 * at. */
#define DOMAIN_BY_KEY_UP(from, key)                                                                \
	"SELECT " DOMAIN_COLUMNS from " AND (" key ", d.name) > (?10, ?11) ORDER BY " key          \
	", d.name LIMIT ?12"
#define DOMAIN_BY_KEY_DOWN(from, key)                                                              \
	"SELECT " DOMAIN_COLUMNS from " AND (" key ", d.name) < (?10, ?11) ORDER BY " key          \
	" DESC, d.name DESC LIMIT ?12"
#define DOMAIN_BY_NAME_UP(from)                                                                    \
	"SELECT " DOMAIN_COLUMNS from " AND d.name > ?11 AND d.name <= ?10 ORDER BY d.name LIMIT " \
	"?12"
#define DOMAIN_BY_NAME_DOWN(from)                                                                  \
	"SELECT " DOMAIN_COLUMNS from                                                              \
	" AND d.name < ?11 AND d.name >= ?10 ORDER BY d.name DESC LIMIT ?12"

#define DOMAIN_LISTS_BY_NAME(X, source, from)                                                      \
	X(DOMAIN_LIST_##source##_BY_NAME_UP, DOMAIN_BY_NAME_UP(from("")))                          \
	X(DOMAIN_LIST_##source##_BY_NAME_DOWN, DOMAIN_BY_NAME_DOWN(from("")))
#define DOMAIN_LISTS_BY_KEY(X, source, from)                                                       \
	X(DOMAIN_LIST_##source##_BY_GRADE_UP,                                                      \
	  DOMAIN_BY_KEY_UP(from("domain_by_grade"), "d.grade"))                                    \
	X(DOMAIN_LIST_##source##_BY_GRADE_DOWN,                                                    \
	  DOMAIN_BY_KEY_DOWN(from("domain_by_grade"), "d.grade"))                                  \
	X(DOMAIN_LIST_##source##_BY_SCANNED_UP,                                                    \
	  DOMAIN_BY_KEY_UP(from("domain_by_scanned"), "d.scanned_key"))                            \
	X(DOMAIN_LIST_##source##_BY_SCANNED_DOWN,                                                  \
	  DOMAIN_BY_KEY_DOWN(from("domain_by_scanned"), "d.scanned_key"))                          \
	X(DOMAIN_LIST_##source##_BY_EXPIRY_UP,                                                     \
	  DOMAIN_BY_KEY_UP(from("domain_by_expiry"), "d.expires_key"))                             \
	X(DOMAIN_LIST_##source##_BY_EXPIRY_DOWN,                                                   \
	  DOMAIN_BY_KEY_DOWN(from("domain_by_expiry"), "d.expires_key"))

/* Each source's lists in the order of enum domain_order, up then down. */
#define DOMAIN_STATEMENTS(X)                                                                       \
	X(DOMAIN_NAME_FURTHER_UP,                                                                  \
	  "SELECT name FROM domain WHERE workspace = ?1 AND name > ?2 ORDER BY name LIMIT 1 "      \
	  "OFFSET ?3")                                                                             \
	X(DOMAIN_NAME_FURTHER_DOWN,                                                                \
	  "SELECT name FROM domain WHERE workspace = ?1 AND name < ?2 ORDER BY name DESC "         \
	  "LIMIT 1 OFFSET ?3")                                                                     \
	X(DOMAIN_INSERT,                                                                           \
	  "INSERT INTO domain (id, workspace, name, owner, notes, profile, expectations, "         \
	  "created_at, "                                                                           \
	  "updated_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8) "                               \
	  "ON CONFLICT (workspace, name) DO UPDATE SET owner = excluded.owner, "                   \
	  "notes = excluded.notes, profile = excluded.profile, "                                   \
	  "expectations = excluded.expectations, version = domain.version + 1, "                   \
	  "updated_at = excluded.updated_at, deleted_at = NULL "                                   \
	  "WHERE domain.deleted_at IS NOT NULL "                                                   \
	  "RETURNING no, version")                                                                 \
	X(DOMAIN_FIND,                                                                             \
	  "SELECT " DOMAIN_COLUMNS                                                                 \
	  " FROM domain d WHERE d.workspace = ?1 AND d.name = ?2 AND d.deleted_at IS NULL")        \
	X(DOMAIN_FIND_DELETED,                                                                     \
	  "SELECT " DOMAIN_COLUMNS                                                                 \
	  " FROM domain d WHERE d.workspace = ?1 AND d.name = ?2 AND d.deleted_at IS NOT NULL")    \
	X(DOMAIN_IS_BUSY,                                                                          \
	  "SELECT EXISTS (SELECT 1 FROM scan WHERE domain = ?1 AND ended_at IS NULL)")             \
	X(DOMAIN_NEWEST, "SELECT coalesce(max(no), 0) FROM domain")                                \
	X(DOMAIN_GET, "SELECT " DOMAIN_COLUMNS " FROM domain d WHERE d.no = ?1")                   \
	X(DOMAIN_BY_ID,                                                                            \
	  "SELECT " DOMAIN_COLUMNS                                                                 \
	  " FROM domain d WHERE d.id = ?2 AND d.workspace = ?1 AND d.deleted_at IS NULL")          \
	X(DOMAIN_UPDATE,                                                                           \
	  "UPDATE domain SET owner = ?3, notes = ?4, profile = ?5, expectations = ?6, "            \
	  "proof_token = ?7, proven_at = ?8, updated_at = ?9, version = version + 1 "              \
	  "WHERE no = ?1 AND version = ?2 AND deleted_at IS NULL")                                 \
	X(DOMAIN_SUMMARISE,                                                                        \
	  "UPDATE domain SET scan = ?2, scanned_at = ?3, grade = ?4, score = ?5, fact_set = ?6, "  \
	  "open_info = ?7, open_low = ?8, open_medium = ?9, open_high = ?10, open_critical = "     \
	  "?11, "                                                                                  \
	  "expires_at = ?12 WHERE no = ?1")                                                        \
	X(DOMAIN_DELETE,                                                                           \
	  "UPDATE domain SET deleted_at = ?2, updated_at = ?2, version = version + 1 "             \
	  "WHERE no = ?1 AND deleted_at IS NULL")                                                  \
	X(DOMAIN_PURGE, "DELETE FROM domain WHERE no = ?1")                                        \
	X(DOMAIN_WALK,                                                                             \
	  "SELECT d.no, d.id, d.name, d.profile, d.proven_at FROM domain d INDEXED BY "            \
	  "domain_by_workspace" DOMAIN_FILTER " AND d.no > ?10 ORDER BY d.no LIMIT ?11")           \
	X(DOMAIN_WALK_TAG,                                                                         \
	  "SELECT d.no, d.id, d.name, d.profile, d.proven_at FROM tag t CROSS JOIN domain d ON "   \
	  "d.no = "                                                                                \
	  "t.domain" DOMAIN_FILTER                                                                 \
	  " AND t.workspace = ?1 AND t.tag = ?4 AND t.domain > ?10 ORDER BY t.domain LIMIT ?11")   \
	X(DOMAIN_TAG_ADD,                                                                          \
	  "INSERT INTO tag (workspace, tag, domain) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING")   \
	X(DOMAIN_TAG_CLEAR, "DELETE FROM tag WHERE domain = ?1")                                   \
	X(DOMAIN_TAG_LIST, "SELECT tag FROM tag WHERE domain = ?1 ORDER BY tag")                   \
	X(DOMAIN_TAG_FEW,                                                                          \
	  "SELECT count(*) FROM (SELECT 1 FROM tag WHERE workspace = ?1 AND tag = ?2 LIMIT ?3)")   \
	X(DOMAIN_OWNER_FEW,                                                                        \
	  "SELECT count(*) FROM (SELECT 1 FROM domain INDEXED BY domain_by_owner "                 \
	  "WHERE workspace = ?1 AND owner = ?2 AND deleted_at IS NULL LIMIT ?3)")                  \
	X(DOMAIN_GRADE_FEW,                                                                        \
	  "SELECT count(*) FROM (SELECT 1 FROM domain INDEXED BY domain_by_grade "                 \
	  "WHERE workspace = ?1 AND grade = ?2 AND deleted_at IS NULL LIMIT ?3)")                  \
	X(DOMAIN_TAGS, "SELECT tag, count(*) FROM tag WHERE workspace = ?1 GROUP BY tag "          \
		       "ORDER BY count(*) DESC, tag LIMIT ?2")                                     \
	X(DOMAIN_STATS,                                                                            \
	  "SELECT grade, count(*), count(scanned_at), sum(open_info), sum(open_low), "             \
	  "sum(open_medium), sum(open_high), sum(open_critical), "                                 \
	  "count(CASE WHEN expires_at < ?2 THEN 1 END) FROM domain NOT INDEXED "                   \
	  "WHERE workspace = ?1 AND deleted_at IS NULL GROUP BY grade")                            \
	DOMAIN_LISTS_BY_NAME(X, ALL, DOMAIN_FROM_NAMES)                                            \
	DOMAIN_LISTS_BY_KEY(X, ALL, DOMAIN_FROM_ALL)                                               \
	DOMAIN_LISTS_BY_NAME(X, TAG, DOMAIN_FROM_TAG)                                              \
	DOMAIN_LISTS_BY_KEY(X, TAG, DOMAIN_FROM_TAG)                                               \
	DOMAIN_LISTS_BY_NAME(X, OWNER, DOMAIN_FROM_OWNER)                                          \
	DOMAIN_LISTS_BY_KEY(X, OWNER, DOMAIN_FROM_OWNER)                                           \
	DOMAIN_LISTS_BY_NAME(X, GRADE, DOMAIN_FROM_GRADE)                                          \
	DOMAIN_LISTS_BY_KEY(X, GRADE, DOMAIN_FROM_GRADE)

#endif
