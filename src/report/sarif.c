/* SPDX-License-Identifier: Apache-2.0 */
/* How does a finding look to code scanning? SARIF 2.1.0 (OASIS, sections by number). A finding stands at
 * the line of the list that names its domain; without a list, at line 1 of a file called like it. */
#include "base/json.h"
#include "checks/families.h"
#include "report/formats.h"
#include "report/parts.h"

static const char rule_failed[] = "scan.failed", rule_rejected[] = "scan.rejected";

/* Section 3.27.10, and the number by which GitHub sorts ("security-severity", as CVSS has it). */
static const struct {
	const char *level, *score;
} severities[] = {
	[SEVERITY_INFO] = { "note", "0.0" },      [SEVERITY_LOW] = { "note", "3.0" },
	[SEVERITY_MEDIUM] = { "warning", "5.5" }, [SEVERITY_HIGH] = { "error", "8.0" },
	[SEVERITY_CRITICAL] = { "error", "9.5" },
};

static void put_text(struct json *w, const char *key, struct str text)
{
	json_key(w, key);
	json_str(w, text);
}

/* Section 3.11: a message is an object. */
static void put_message(struct json *w, const char *key, struct str text)
{
	json_key(w, key);
	json_object(w);
	put_text(w, "text", text);
	json_end(w);
}

static void put_help(struct json *w, const struct check *check)
{
	struct buf text;

	if (!check->fix[0].text)
		return;
	buf_init(&text, NULL);
	for (size_t i = 0; i < CHECK_FIXES && check->fix[i].text; i++)
		buf_printf(&text, "%s%s", i ? "\n" : "", check->fix[i].text);
	put_message(w, "help", buf_str(&text));
	buf_release(&text);
}

/* Section 3.49 */
static void put_rule(struct json *w, const struct check *check)
{
	json_object(w);
	put_text(w, "id", str_of(check->id));
	put_message(w, "shortDescription", str_of(check->title));
	if (check->why)
		put_message(w, "fullDescription", str_of(check->why));
	put_help(w, check);
	json_key(w, "defaultConfiguration");
	json_object(w);
	put_text(w, "level", str_of(severities[check->severity].level));
	json_end(w);
	json_key(w, "properties");
	json_object(w);
	json_key(w, "tags");
	json_array(w);
	json_text(w, "security");
	json_text(w, area_word(area_of(str_of(check->id))));
	json_end(w);
	put_text(w, "security-severity", str_of(severities[check->severity].score));
	if (check->source)
		put_text(w, "source", str_of(check->source));
	json_end(w);
	json_end(w);
}

static void put_rules(struct json *w)
{
	static const struct check own[] = {
		{ .id = rule_failed, .severity = SEVERITY_MEDIUM, .title = "The scan ends well" },
		{ .id = rule_rejected,
		  .severity = SEVERITY_MEDIUM,
		  .title = "The line is the name of a domain" },
	};

	json_key(w, "rules");
	json_array(w);
	for (const struct family *const *family = families; *family; family++)
		for (size_t i = 0; i < (*family)->check_count; i++)
			put_rule(w, &(*family)->checks[i]);
	for (size_t i = 0; i < ARRAY_COUNT(own); i++)
		put_rule(w, &own[i]);
	json_end(w);
}

void report_sarif_begin(struct buf *out)
{
	struct json w;

	buf_put_lit(out, "{\"version\":\"2.1.0\",\"$schema\":"
			 "\"https://json.schemastore.org/sarif-2.1.0.json\",\"runs\":[{"
			 "\"columnKind\":\"unicodeCodePoints\",\"tool\":{\"driver\":");
	json_init(&w, out);
	json_object(&w);
	put_text(&w, "name", STR_LIT("DSS"));
	put_text(&w, "semanticVersion", STR_LIT(DSS_VERSION));
	put_rules(&w);
	json_end(&w);
	buf_put_lit(out, "},\"results\":[\n");
}

/* Section 3.10.1: a relative URI reference; what may not stand in a path's segment is escaped (RFC 3986
 * section 3.3). */
static struct str path_uri(struct arena *a, struct str path)
{
	static const char hex[] = "0123456789ABCDEF";
	struct buf uri;

	buf_init(&uri, a);
	while (path.len && path.data[0] == '/')
		path = str_from(path, 1);
	for (size_t i = 0; i < path.len; i++) {
		unsigned char c = (unsigned char)path.data[i];

		if (c > ' ' && c < 0x7f && !strchr("\"#%:<>?[\\]^`{|}", c))
			buf_put_char(&uri, (char)c);
		else
			buf_put(&uri, (char[]){ '%', hex[c >> 4], hex[c & 15] }, 3);
	}
	return buf_str(&uri);
}

static void put_location(struct json *w, struct arena *a, const struct report_place *place,
			 struct str domain)
{
	json_key(w, "locations");
	json_array(w);
	json_object(w);
	json_key(w, "physicalLocation");
	json_object(w);
	json_key(w, "artifactLocation");
	json_object(w);
	put_text(w, "uri", path_uri(a, place->list.len ? place->list : domain));
	json_end(w);
	json_key(w, "region");
	json_object(w);
	json_key(w, "startLine");
	json_uint(w, place->line ? place->line : 1);
	json_end(w);
	json_end(w);
	json_key(w, "logicalLocations");
	json_array(w);
	json_object(w);
	put_text(w, "fullyQualifiedName", domain);
	put_text(w, "kind", STR_LIT("resource"));
	json_end(w);
	json_end(w);
	json_end(w);
	json_end(w);
}

/* Section 3.35 */
static void put_suppression(struct json *w, struct arena *a, const struct policy_rule *accepted)
{
	if (!accepted)
		return;
	json_key(w, "suppressions");
	json_array(w);
	json_object(w);
	put_text(w, "kind", STR_LIT("external"));
	put_text(w, "status", STR_LIT("accepted"));
	put_text(w, "justification", acceptance_text(a, accepted));
	json_end(w);
	json_end(w);
}

/* Section 3.27. @key  what stays the same between runs (3.27.17) */
static void put_result(struct json *w, struct arena *a, const char *rule, const char *level,
		       struct str text, struct str key, const struct report_place *place,
		       struct str domain, const struct policy_rule *accepted)
{
	json_object(w);
	put_text(w, "ruleId", str_of(rule));
	put_text(w, "level", str_of(level));
	put_message(w, "message", text);
	put_location(w, a, place, domain);
	json_key(w, "partialFingerprints");
	json_object(w);
	put_text(w, "finding/v1", key);
	json_end(w);
	put_suppression(w, a, accepted);
	json_end(w);
}

void report_sarif(struct buf *out, const struct report_input *input)
{
	struct arena a = { 0 };
	struct str domain = foreign_text(&a, input->request->domain);
	struct json w;

	json_init(&w, out);
	if (input->error.len)
		put_result(&w, &a, rule_failed, "warning",
			   str_printf(&a, "%.*s: %.*s", STR(domain),
				      STR(foreign_text(&a, input->error))),
			   str_printf(&a, "%.*s %s", STR(domain), rule_failed), &input->place,
			   domain, NULL);
	for (size_t i = 0; !input->error.len && i < input->verdicts->finding_count; i++) {
		const struct finding *finding = &input->verdicts->findings[i];

		if (i)
			buf_put_lit(out, ",\n");
		json_init(&w, out);
		put_result(&w, &a, finding->check->id, severities[finding->severity].level,
			   str_printf(&a, "%.*s: %.*s", STR(domain),
				      STR(finding_text(&a, input, finding))),
			   finding_key(&a, input, finding), &input->place, domain,
			   finding->accepted);
	}
	arena_release(&a);
}

void report_sarif_reject(struct buf *out, const struct report_place *place, struct str why)
{
	struct arena a = { 0 };
	struct str input = foreign_text(&a, place->input);
	struct json w;

	json_init(&w, out);
	put_result(&w, &a, rule_rejected, "warning",
		   str_printf(&a, "\"%.*s\": %.*s", STR(input), STR(foreign_text(&a, why))),
		   str_printf(&a, "%.*s %s", STR(input), rule_rejected), place, input, NULL);
	arena_release(&a);
}
