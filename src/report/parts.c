/* SPDX-License-Identifier: Apache-2.0 */
/* What do reports for people say in the same words? */
#include "report/parts.h"

#include "base/clock.h"
#include "base/terminal.h"

enum { TEXT_BYTES = 600, KEY_BYTES = 500 };

const char *const area_titles[] = { "DNS", "DNSSEC", "mail", "TLS", "web", "registration" };

struct str foreign_text(struct arena *a, struct str foreign)
{
	struct buf text;

	buf_init(&text, a);
	terminal_put(&text, str_first(foreign, TEXT_BYTES));
	if (foreign.len > TEXT_BYTES)
		buf_put_lit(&text, " ...");
	return buf_str(&text);
}

void points_put(struct buf *out, int hundredths)
{
	int rest = hundredths % 100;

	buf_printf(out, "%d", hundredths / 100);
	if (rest)
		buf_printf(out, rest % 10 ? ".%02d" : ".%d", rest % 10 ? rest : rest / 10);
}

const char *plural(size_t count)
{
	return count == 1 ? "" : "s";
}

struct str subject_prefix(struct arena *a, const struct report_input *input,
			  const struct finding *finding)
{
	if (!finding->subject.len || str_eq(finding->subject, input->request->domain) ||
	    str_find(finding->text, finding->subject) >= 0)
		return STR_NONE;
	return str_printf(
		a, "%.*s: ", STR(foreign_text(a, str_first(finding->subject, EVIDENCE_BYTES))));
}

struct str finding_text(struct arena *a, const struct report_input *input,
			const struct finding *finding)
{
	struct str prefix = subject_prefix(a, input, finding);

	return str_printf(a, "%.*s%.*s", STR(prefix),
			  STR(foreign_text(a, finding->text.len ? finding->text
								: str_of(finding->check->title))));
}

enum { DAY_BYTES = 10 };

static struct str until_text(struct arena *a, int64_t until_us)
{
	char at[TIME_TEXT_BYTES];

	return until_us ? str_printf(a, "until %.*s",
				     STR(str_first(str_of(clock_text(until_us, at)), DAY_BYTES)))
			: STR_LIT("for ever");
}

struct str acceptance_text(struct arena *a, const struct policy_rule *accepted)
{
	struct str until = until_text(a, accepted->until_us);
	struct str who = accepted->owner.len ? accepted->owner : accepted->by;

	return str_printf(a, "%.*s: %.*s%s%.*s%s", STR(until),
			  STR(foreign_text(a, accepted->reason)), who.len ? " (" : "",
			  STR(foreign_text(a, who)), who.len ? ")" : "");
}

struct str lapse_text(struct arena *a, const struct policy_rule *lapsed)
{
	return str_printf(a, "accepted %.*s, which is over: it counts again",
			  STR(until_text(a, lapsed->until_us)));
}

static bool lacks_key(const struct check_result *result)
{
	return result->verdict == VERDICT_UNKNOWN &&
	       str_starts(result->reason, STR_LIT(NO_KEY_REASON));
}

static bool is_word_of(struct str list, struct str word)
{
	struct str rest = list, one;

	while (rest.len && str_split(&rest, ',', &one))
		if (str_eq(str_trim(one), word))
			return true;
	return false;
}

/* All keys that any check lacks, each once. */
static struct str keys_lacking(struct arena *a, const struct verdicts *verdicts)
{
	struct buf names;

	buf_init(&names, a);
	for (size_t i = 0; i < verdicts->result_count; i++) {
		struct str rest = verdicts->results[i].reason, one;

		if (!lacks_key(&verdicts->results[i]))
			continue;
		rest = str_from(rest, strlen(NO_KEY_REASON));
		while (rest.len && str_split(&rest, ',', &one)) {
			one = str_trim(one);
			if (!is_word_of(buf_str(&names), one))
				buf_printf(&names, "%s%.*s", names.len ? ", " : "", STR(one));
		}
	}
	return str_printf(a, NO_KEY_REASON "%.*s (dss doctor)", STR(buf_str(&names)));
}

static bool is_alike(const struct check_result *one, const struct check_result *other)
{
	return one->verdict == other->verdict &&
	       (str_eq(one->reason, other->reason) || (lacks_key(one) && lacks_key(other)));
}

size_t check_groups(struct arena *a, const struct verdicts *verdicts, enum verdict verdict,
		    struct check_group **ret)
{
	bool *is_put = arena_array(a, verdicts->result_count, sizeof *is_put);
	size_t count = 0;

	*ret = arena_array(a, verdicts->result_count, sizeof **ret);
	for (size_t i = 0; i < verdicts->result_count; i++) {
		const struct check_result *result = &verdicts->results[i];
		struct check_group *group = &(*ret)[count];

		if (is_put[i] || result->verdict != verdict)
			continue;
		group->reason = lacks_key(result) ? keys_lacking(a, verdicts) : result->reason;
		group->checks = arena_array(a, verdicts->result_count - i, sizeof *group->checks);
		for (size_t k = i; k < verdicts->result_count; k++)
			if (is_alike(result, &verdicts->results[k])) {
				is_put[k] = true;
				group->checks[group->count++] = verdicts->results[k].check;
			}
		count++;
	}
	return count;
}

struct str finding_key(struct arena *a, const struct report_input *input,
		       const struct finding *finding)
{
	struct str subject =
		str_eq(finding->subject, input->request->domain) ? STR_NONE : finding->subject;
	struct str key = str_printf(a, "%.*s %s %.*s", STR(foreign_text(a, input->request->domain)),
				    finding->check->id, STR(foreign_text(a, subject)));

	return str_first(str_trim(key), KEY_BYTES);
}

const char *report_state(const struct report_input *input)
{
	return input->error.len ? "failed" : input->verdicts->is_incomplete ? "incomplete" : "done";
}
