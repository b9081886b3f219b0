/* SPDX-License-Identifier: Apache-2.0 */
/* What does a DMARC record ask receivers to do? RFC 9989 section 4.7. */
#include "formats/mail/dmarc.h"

struct reading {
	struct arena *arena;
	struct dmarc_record record;
	struct dmarc_problem *problems; /* grows by the few that most records have */
	size_t problem_room;
	bool has_broken_subpolicy;
};

const char *dmarc_policy_text(enum dmarc_policy policy)
{
	static const char *const texts[] = { "", "none", "quarantine", "reject" };

	return texts[policy];
}

static void note(struct reading *r, const struct tag *tag, const char *what)
{
	if (r->record.problem_count == r->problem_room) {
		size_t room = r->problem_room * 2 + 4;

		r->problems =
			arena_grow(r->arena, r->problems, r->problem_room * sizeof *r->problems,
				   room * sizeof *r->problems);
		r->problem_room = room;
	}
	r->problems[r->record.problem_count++] = (struct dmarc_problem){ .tag = tag->name,
									 .text = str_of(what),
									 .offset = tag->offset };
}

static uint8_t policy_read(struct reading *r, const struct tag *tag)
{
	for (uint8_t i = DMARC_NONE; i <= (uint8_t)DMARC_REJECT; i++)
		if (str_eq_nocase(tag->value, str_of(dmarc_policy_text(i))))
			return i;
	note(r, tag, "not none, quarantine or reject");
	return DMARC_ABSENT;
}

static void read_p(struct reading *r, const struct tag *tag)
{
	r->record.p = policy_read(r, tag);
}

static void read_sp(struct reading *r, const struct tag *tag)
{
	r->record.sp = policy_read(r, tag);
	r->has_broken_subpolicy |= !r->record.sp;
}

static void read_np(struct reading *r, const struct tag *tag)
{
	r->record.np = policy_read(r, tag);
	r->has_broken_subpolicy |= !r->record.np;
}

/* One letter of a set, or the default. */
static char letter_read(struct reading *r, const struct tag *tag, const char *set, char fallback,
			const char *what)
{
	char letter = tag->value.len == 1 ? char_lower(tag->value.data[0]) : 0;

	if (letter && strchr(set, letter))
		return letter;
	note(r, tag, what);
	return fallback;
}

static void read_adkim(struct reading *r, const struct tag *tag)
{
	r->record.adkim = letter_read(r, tag, "rs", 'r', "not r or s");
}

static void read_aspf(struct reading *r, const struct tag *tag)
{
	r->record.aspf = letter_read(r, tag, "rs", 'r', "not r or s");
}

static void read_t(struct reading *r, const struct tag *tag)
{
	r->record.is_testing = letter_read(r, tag, "yn", 'n', "not y or n") == 'y';
}

static void read_psd(struct reading *r, const struct tag *tag)
{
	r->record.psd = letter_read(r, tag, "ynu", 'u', "not y, n or u");
}

static void read_fo(struct reading *r, const struct tag *tag)
{
	struct str rest = tag->value, one;

	while (str_split(&rest, ':', &one)) {
		one = str_trim(one);
		if (str_eq(one, STR_LIT("1")))
			r->record.fo_any = true;
		else if (str_eq_nocase(one, STR_LIT("d")))
			r->record.fo_dkim = true;
		else if (str_eq_nocase(one, STR_LIT("s")))
			r->record.fo_spf = true;
		else if (!str_eq(one, STR_LIT("0")))
			note(r, tag, "not 0, 1, d or s");
	}
}

static size_t uris_read(struct reading *r, const struct tag *tag, struct mail_uri **ret,
			unsigned *ret_valid)
{
	size_t count = mail_uris_read(r->arena, tag->value, true, ret);

	for (size_t i = 0; i < count; i++) {
		const struct mail_uri *uri = &(*ret)[i];

		*ret_valid += !uri->problem.len;
		if (uri->problem.len)
			note(r, tag,
			     str_printf(r->arena, "\"%.*s\": %.*s", STR(str_first(uri->text, 100)),
					STR(uri->problem))
				     .data);
		else if (uri->has_size)
			note(r, tag, "a size limit (\"!\") is no longer part of DMARC");
	}
	return count;
}

static void read_rua(struct reading *r, const struct tag *tag)
{
	r->record.has_rua = true;
	r->record.rua_count = uris_read(r, tag, &r->record.rua, &r->record.rua_valid);
}

static void read_ruf(struct reading *r, const struct tag *tag)
{
	r->record.has_ruf = true;
	r->record.ruf_count = uris_read(r, tag, &r->record.ruf, &r->record.ruf_valid);
}

static void read_pct(struct reading *r, const struct tag *tag)
{
	uint64_t pct;

	r->record.has_pct = true;
	if (str_to_uint(tag->value, 100, &pct) == 0)
		r->record.pct = (uint8_t)pct;
}

static void read_rf(struct reading *r, const struct tag *tag)
{
	r->record.has_rf = true;
}

static void read_ri(struct reading *r, const struct tag *tag)
{
	r->record.has_ri = true;
}

static void read_v(struct reading *r, const struct tag *tag)
{
}

static const struct {
	struct str name;
	void (*read)(struct reading *r, const struct tag *tag);
} readers[] = {
	{ STR_INIT("v"), read_v },         { STR_INIT("p"), read_p },
	{ STR_INIT("sp"), read_sp },       { STR_INIT("np"), read_np },
	{ STR_INIT("adkim"), read_adkim }, { STR_INIT("aspf"), read_aspf },
	{ STR_INIT("t"), read_t },         { STR_INIT("psd"), read_psd },
	{ STR_INIT("fo"), read_fo },       { STR_INIT("rua"), read_rua },
	{ STR_INIT("ruf"), read_ruf },     { STR_INIT("pct"), read_pct },
	{ STR_INIT("rf"), read_rf },       { STR_INIT("ri"), read_ri },
};

static void tag_use(struct reading *r, const struct tag *tag)
{
	if (tag->problem) {
		note(r, tag, tag_problem_text(tag->problem));
		return;
	}
	for (size_t i = 0; i < ARRAY_COUNT(readers); i++) {
		if (!str_eq_nocase(tag->name, readers[i].name))
			continue;
		readers[i].read(r, tag);
		return;
	}
	note(r, tag, "unknown tag: receivers ignore it");
}

bool dmarc_is_record(struct str text)
{
	return tags_have_version(text, STR_LIT("DMARC1"));
}

void dmarc_read(struct arena *a, struct str text, struct dmarc_record *ret)
{
	struct reading r = { .arena = a };
	struct dmarc_record *record = &r.record;

	*record = (struct dmarc_record){
		.text = text, .psd = 'u', .adkim = 'r', .aspf = 'r', .pct = 100
	};
	tags_read(a, text, &record->tags);
	for (size_t i = 0; i < record->tags.count; i++)
		tag_use(&r, &record->tags.tags[i]);
	record->problems = r.problems;
	if (!record->p || r.has_broken_subpolicy) {
		record->is_defaulted = record->rua_valid > 0;
		record->is_ignored = !record->is_defaulted;
	}
	*ret = *record;
}

/* Receivers do not see it, its owner believes they do. */
static bool is_nearly_a_record(struct str text)
{
	text = str_trim(text);
	return str_starts_nocase(text, STR_LIT("v=dmarc")) ||
	       str_starts_nocase(text, STR_LIT("dmarc1"));
}

int dmarc_select(struct arena *a, const struct dns_answer *txt, struct dmarc_record *ret,
		 struct err *err)
{
	const struct dns_rr *found = NULL, *near = NULL;

	for (size_t i = 0; i < txt->count; i++) {
		const struct dns_rr *rr = &txt->rr[i];

		if (rr->type != DNS_TXT)
			continue;
		if (!dmarc_is_record(rr->txt.text)) {
			near = is_nearly_a_record(rr->txt.text) ? rr : near;
			continue;
		}
		if (found)
			return err_set(
				err, -EEXIST,
				"more than one record starts with v=DMARC1: all are discarded");
		found = rr;
	}
	if (found) {
		dmarc_read(a, found->txt.text, ret);
		return 0;
	}
	if (near)
		return err_set(err, -ENOMSG, "\"%.*s\" does not start with v=DMARC1 exactly",
			       STR(str_first(near->txt.text, 60)));
	return err_set(err, -ENOMSG, "no TXT record starts with v=DMARC1");
}
