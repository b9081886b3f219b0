/* SPDX-License-Identifier: Apache-2.0 */
/* How does a finding look to DefectDojo? Its parser "Generic Findings Import", JSON: title, severity and
 * description are needed; keys that it does not know make it refuse the file. */
#include "base/clock.h"
#include "base/json.h"
#include "report/formats.h"
#include "report/parts.h"

enum { DAY_BYTES = 10 };

static const char *const severities[] = { "Info", "Low", "Medium", "High", "Critical" };

static void put_text(struct json *w, const char *key, struct str text)
{
	if (!text.len)
		return;
	json_key(w, key);
	json_str(w, text);
}

static void put_flag(struct json *w, const char *key, bool value)
{
	json_key(w, key);
	json_bool(w, value);
}

static struct str fixes_text(struct arena *a, const struct check *check)
{
	struct buf text;

	buf_init(&text, a);
	for (size_t i = 0; i < CHECK_FIXES && check->fix[i].text; i++)
		buf_printf(&text, "%s%s: %s", i ? "\n" : "",
			   check->fix[i].platform ? check->fix[i].platform : "any",
			   check->fix[i].text);
	return buf_str(&text);
}

static struct str description(struct arena *a, const struct report_input *input,
			      const struct finding *finding)
{
	struct buf text;

	buf_init(&text, a);
	buf_put_str(&text, finding_text(a, input, finding));
	if (finding->evidence) {
		buf_put_lit(&text, "\n\nSeen: ");
		evidence_put(&text, finding->evidence, EVIDENCE_BYTES);
	}
	return buf_str(&text);
}

static void finding_put(struct buf *out, struct arena *a, const struct report_input *input,
			const struct finding *finding)
{
	struct str domain = foreign_text(a, input->request->domain);
	const struct check *check = finding->check;
	char at[TIME_TEXT_BYTES];
	struct json w;

	json_init(&w, out);
	json_object(&w);
	put_text(&w, "title", str_printf(a, "%.*s: %s", STR(domain), check->title));
	put_text(&w, "severity", str_of(severities[finding->severity]));
	put_text(&w, "description", description(a, input, finding));
	put_text(&w, "impact", str_of(check->why));
	put_text(&w, "mitigation", fixes_text(a, check));
	put_text(&w, "references", str_of(check->source));
	put_text(&w, "date", str_first(str_of(clock_text(input->request->at_us, at)), DAY_BYTES));
	put_text(&w, "vuln_id_from_tool", str_of(check->id));
	put_text(&w, "unique_id_from_tool", finding_key(a, input, finding));
	put_flag(&w, "active", !finding->accepted);
	if (finding->accepted)
		put_flag(&w, "risk_accepted", true);
	put_flag(&w, "verified", true);
	put_flag(&w, "static_finding", false);
	put_flag(&w, "dynamic_finding", true);
	json_key(&w, "endpoints");
	json_array(&w);
	json_str(&w, domain);
	json_end(&w);
	json_end(&w);
}

void report_defectdojo(struct buf *out, const struct report_input *input)
{
	struct arena a = { 0 };

	for (size_t i = 0; !input->error.len && i < input->verdicts->finding_count; i++) {
		if (i)
			buf_put_lit(out, ",\n");
		finding_put(out, &a, input, &input->verdicts->findings[i]);
	}
	arena_release(&a);
}
