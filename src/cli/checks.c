/* SPDX-License-Identifier: Apache-2.0 */
/* What is checked, why, and how is it mended? */
#include "base/json.h"
#include "checks/families.h"
#include "cli/command.h"
#include "cli/output.h"
#include "cli/selection.h"

enum view { VIEW_LINE, VIEW_WHOLE };

/* Named by id or prefix; in lists also by words of id and title. No words: all. */
static bool is_wanted(const struct check *check, enum view view, const struct str *words,
		      size_t count)
{
	bool is_wanted = !count;

	for (size_t i = 0; i < count; i++)
		is_wanted |= selection_names(words[i], check->id) ||
			     (view == VIEW_LINE &&
			      (str_find_nocase(str_of(check->id), words[i]) >= 0 ||
			       str_find_nocase(str_of(check->title), words[i]) >= 0));
	return is_wanted;
}

static void put_text_line(struct buf *out, const struct check *check)
{
	buf_printf(out, "%-8s  %-36s %s%s\n", severity_word(check->severity), check->id,
		   check->title, check->is_active ? "  (needs consent)" : "");
}

static void put_text_part(struct buf *out, const char *label, const char *text)
{
	if (text)
		buf_printf(out, "%-10s%s\n", label, text);
}

static void put_text_whole(struct buf *out, const struct check *check)
{
	buf_printf(out, "%s\n\n%-10s%s\n%-10s%s\n%-10s%s\n", check->id, "passes", check->title,
		   "severity", severity_word(check->severity), "area",
		   area_word(area_of(str_of(check->id))));
	put_text_part(out, "why", check->why);
	put_text_part(out, "how", check->how);
	put_text_part(out, "source", check->source);
	put_text_part(out, "consent", check->is_active ? "needed: dss scan --active" : NULL);
	for (size_t i = 0; i < CHECK_FIXES && check->fix[i].text; i++)
		buf_printf(out, "%-10s%s: %s\n", i ? "" : "fix",
			   check->fix[i].platform ? check->fix[i].platform : "any",
			   check->fix[i].text);
}

static void put_json_part(struct json *w, const char *key, const char *text)
{
	if (!text)
		return;
	json_key(w, key);
	json_text(w, text);
}

static void put_json(struct json *w, const struct check *check)
{
	json_object(w);
	put_json_part(w, "id", check->id);
	put_json_part(w, "title", check->title);
	put_json_part(w, "severity", severity_word(check->severity));
	put_json_part(w, "area", area_word(area_of(str_of(check->id))));
	put_json_part(w, "why", check->why);
	put_json_part(w, "how", check->how);
	put_json_part(w, "source", check->source);
	json_key(w, "active");
	json_bool(w, check->is_active);
	json_key(w, "fix");
	json_array(w);
	for (size_t i = 0; i < CHECK_FIXES && check->fix[i].text; i++) {
		json_object(w);
		put_json_part(w, "platform", check->fix[i].platform);
		put_json_part(w, "text", check->fix[i].text);
		json_end(w);
	}
	json_end(w);
	json_end(w);
}

/* Our texts are plain, but '<' and '|' mean something in Markdown. */
static void put_md_text(struct buf *out, const char *text)
{
	for (; *text; text++) {
		if (*text == '<' || *text == '*' || *text == '_' || *text == '`' || *text == '\\')
			buf_put_char(out, '\\');
		buf_put_char(out, *text);
	}
}

static void put_md_part(struct buf *out, const char *label, const char *text)
{
	if (!text)
		return;
	buf_printf(out, "- %s: ", label);
	put_md_text(out, text);
	buf_put_char(out, '\n');
}

static void put_md(struct buf *out, const struct check *check)
{
	buf_printf(out, "### %s\n\n", check->id);
	put_md_text(out, check->title);
	buf_printf(out, ".\n\n- Severity: %s. Area: %s.%s\n", severity_word(check->severity),
		   area_word(area_of(str_of(check->id))),
		   check->is_active ? " Asked only with consent." : "");
	put_md_part(out, "Why", check->why);
	put_md_part(out, "How it is tested", check->how);
	put_md_part(out, "Source", check->source);
	for (size_t i = 0; i < CHECK_FIXES && check->fix[i].text; i++)
		buf_printf(out, "- Fix (%s): `%s`\n",
			   check->fix[i].platform ? check->fix[i].platform : "any",
			   check->fix[i].text);
	buf_put_char(out, '\n');
}

static const char md_head[] =
	"# Checks\n\n"
	"Written by `dss checks -f md`; do not edit. A check passes when its first sentence is\n"
	"true. Points: a failed check takes from its area once, by its worst finding: critical\n"
	"all, high 40 %, medium 15 %, low 5 %, info nothing.\n\n";

static size_t checks_put(struct buf *out, struct str format, enum view view,
			 const struct str *words, size_t word_count)
{
	size_t count = 0;
	struct json w;

	json_init(&w, out);
	if (str_eq(format, STR_LIT("json")))
		json_array(&w);
	for (const struct family *const *family = families; *family; family++) {
		for (size_t i = 0; i < (*family)->check_count; i++) {
			const struct check *check = &(*family)->checks[i];

			if (!is_wanted(check, view, words, word_count))
				continue;
			if (count++ && view == VIEW_WHOLE && str_eq(format, STR_LIT("text")))
				buf_put_char(out, '\n');
			if (str_eq(format, STR_LIT("json")))
				put_json(&w, check);
			else if (str_eq(format, STR_LIT("md")))
				put_md(out, check);
			else if (view == VIEW_WHOLE)
				put_text_whole(out, check);
			else
				put_text_line(out, check);
		}
	}
	if (str_eq(format, STR_LIT("json"))) {
		json_end(&w);
		buf_put_char(out, '\n');
	}
	return count;
}

static int result_write(const struct call *call, struct str text)
{
	struct str path = call_value(call, SETTING_OUTPUT)->text;
	struct output output;
	struct err err = { 0 };

	if (output_open(&output, path.len ? str_cstring(call->arena, path) : NULL, &err) < 0 ||
	    output_write(&output, text, &err) < 0 || output_close(&output, &err) < 0) {
		console_say("%s", err.text);
		return EXIT_BROKEN;
	}
	return EXIT_DONE;
}

int checks_run(const struct call *call)
{
	const struct settings *settings = call->settings;
	struct str format = call_value(call, SETTING_CHECKS_FORMAT)->text;
	const struct str *words = settings->operands;
	size_t count = settings->operand_count;
	enum view view = VIEW_LINE;
	struct buf out;

	if (count && (str_eq(words[0], STR_LIT("show")) || str_eq(words[0], STR_LIT("list")))) {
		view = str_eq(words[0], STR_LIT("show")) ? VIEW_WHOLE : VIEW_LINE;
		words++;
		count--;
	}
	if (view == VIEW_WHOLE && !count)
		return console_usage("checks",
				     "show which check? dss checks show mail.spf.present");
	buf_init(&out, call->arena);
	if (str_eq(format, STR_LIT("md")))
		buf_put_str(&out, str_of(md_head));
	if (!checks_put(&out, format, view, words, count) && count)
		return console_usage("checks", "no check is named \"%.*s\"", STR(words[0]));
	return result_write(call, buf_str(&out));
}
