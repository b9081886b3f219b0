/* SPDX-License-Identifier: Apache-2.0 */
/* How is a file of vectors read? */
#include "tests/vectors/vectors.h"

#include "base/clock.h"

#include <time.h>

static int line_error(const struct vector_file *file, struct err *err, const char *what,
		      struct str word)
{
	return err_set(err, ERR_SYNTAX, "%s:%u: %s \"%.*s\"", file->path, file->line, what,
		       STR(word));
}

static void add_family(struct vector_file *file, const struct family *family)
{
	for (size_t i = 0; i < file->family_count; i++)
		if (file->families[i] == family)
			return;
	if (file->family_count < FILE_FAMILIES)
		file->families[file->family_count++] = family;
}

static int read_want(struct vector_file *file, struct str rest, struct want *ret, struct err *err)
{
	struct str id = STR_NONE, verdict = STR_NONE;
	const struct family *family;

	str_word(&rest, &id);
	str_word(&rest, &verdict);
	ret->check = check_find(id, &family);
	ret->line = file->line;
	ret->subject = str_trim(rest);
	if (!ret->check)
		return line_error(file, err, "no check has the id", id);
	if (verdict_parse(verdict, &ret->verdict) < 0)
		return line_error(file, err, "not a verdict:", verdict);
	add_family(file, family);
	return 0;
}

static int read_time(struct vector_file *file, struct str word, int64_t *ret, struct err *err)
{
	char text[TIME_TEXT_BYTES] = { 0 };
	struct tm tm = { 0 };

	memcpy(text, word.data, MIN(word.len, sizeof text - 1));
	if (!strptime(text, "%Y-%m-%dT%H:%M:%SZ", &tm))
		return line_error(file, err, "not a time:", word);
	*ret = (int64_t)timegm(&tm) * 1000000;
	return 0;
}

/* Replace the fact with the same question, or append. */
static int put_fact(struct arena *a, struct vector_case *vc, const struct fact *fact)
{
	struct buf key;

	buf_init(&key, a);
	question_key(&key, &fact->question);
	for (size_t i = 0; i < vc->fact_count; i++)
		if (str_eq(buf_str(&key), vc->keys[i])) {
			vc->facts[i] = *fact;
			return 0;
		}
	if (vc->fact_count == CASE_FACTS)
		return ERR_LIMIT;
	vc->keys[vc->fact_count] = buf_str(&key);
	vc->facts[vc->fact_count++] = *fact;
	return 0;
}

static int read_fact(struct arena *a, struct vector_file *file, struct vector_case *vc,
		     struct str line, struct err *err)
{
	struct err why = { 0 };
	struct fact fact;

	if (fact_parse(a, line, &fact, &why) < 0)
		return err_set(err, ERR_SYNTAX, "%s:%u: %s", file->path, file->line, why.text);
	if (put_fact(a, vc, &fact) < 0)
		return err_set(err, ERR_LIMIT, "%s:%u: too many facts", file->path, file->line);
	return 0;
}

static int read_before(struct arena *a, struct vector_file *file, struct vector_case *vc,
		       struct str line, struct err *err)
{
	struct fact *fact = ARENA_NEW(a, struct fact);
	struct err why = { 0 };

	if (fact_parse(a, line, fact, &why) < 0)
		return err_set(err, ERR_SYNTAX, "%s:%u: %s", file->path, file->line, why.text);
	if (vc->request.before_count == ARRAY_COUNT(vc->before))
		return line_error(file, err, "too many facts before:", line);
	vc->before[vc->request.before_count++] = fact;
	return 0;
}

/* "rest dns_at !timeout" is read as a fact about a placeholder question. */
static int read_rest(struct arena *a, struct vector_file *file, struct vector_case *vc,
		     struct str rest, struct err *err)
{
	static const struct {
		const char *kind, *question;
	} questions[] = {
		{ "dns", "rest.invalid ANY" },      { "dns_at", "0.0.0.0 rest.invalid ANY" },
		{ "axfr", "0.0.0.0 rest.invalid" }, { "http", "https://rest.invalid/" },
		{ "rdap", "rest.invalid" },         { "whois", "rest.invalid" },
		{ "api", "rest rest.invalid" },
	};
	struct str kind = STR_NONE;
	struct err why = { 0 };

	str_word(&rest, &kind);
	for (size_t i = 0; i < ARRAY_COUNT(questions); i++) {
		struct str line;

		if (!str_eq(kind, str_of(questions[i].kind)))
			continue;
		line = str_printf(a, "%s %s %.*s", questions[i].kind, questions[i].question,
				  STR(rest));
		if (vc->rest_count == 8)
			return line_error(file, err, "too many rest lines:", kind);
		if (fact_parse(a, line, &vc->rests[vc->rest_count++], &why) < 0)
			return err_set(err, ERR_SYNTAX, "%s:%u: %s", file->path, file->line,
				       why.text);
		return 0;
	}
	return line_error(file, err, "not a kind of question:", kind);
}

static int read_like(struct vector_file *file, struct vector_case *vc, struct str name,
		     struct err *err)
{
	for (size_t i = 0; i + 1 < file->case_count; i++) {
		const struct vector_case *other = &file->cases[i];

		if (!str_eq(other->name, name))
			continue;
		memcpy(vc->facts, other->facts, other->fact_count * sizeof *vc->facts);
		memcpy(vc->keys, other->keys, other->fact_count * sizeof *vc->keys);
		memcpy(vc->rests, other->rests, other->rest_count * sizeof *vc->rests);
		memcpy(vc->selectors, other->selectors, sizeof vc->selectors);
		memcpy(vc->before, other->before, sizeof vc->before);
		vc->fact_count = other->fact_count;
		vc->rest_count = other->rest_count;
		vc->request = other->request;
		vc->request.dkim_selectors = vc->selectors;
		vc->request.before = vc->before;
		return 0;
	}
	return line_error(file, err, "no earlier case is called", name);
}

static int begin_case(struct arena *a, struct vector_file *file, struct str name, struct err *err)
{
	struct vector_case *vc = &file->cases[file->case_count];

	if (file->case_count == FILE_CASES)
		return line_error(file, err, "too many cases:", name);
	file->case_count++;
	*vc = (struct vector_case){ .name = name, .line = file->line };
	vc->facts = arena_array(a, CASE_FACTS, sizeof *vc->facts);
	vc->keys = arena_array(a, CASE_FACTS, sizeof *vc->keys);
	vc->rests = arena_array(a, 8, sizeof *vc->rests);
	vc->wants = arena_array(a, CASE_WANTS, sizeof *vc->wants);
	vc->request = (struct scan_request){ .domain = STR_LIT("example.com"),
					     .dkim_selectors = vc->selectors,
					     .before = vc->before };
	return read_time(file, STR_LIT("2026-11-22T12:00:00Z"), &vc->request.at_us, err);
}

static void read_words(struct arena *a, struct str rest, struct str **ret, size_t *ret_count)
{
	struct str *words = arena_array(a, EXPECTED_ITEMS, sizeof *words), word;

	*ret_count = 0;
	while (*ret_count < EXPECTED_ITEMS && str_word(&rest, &word))
		words[(*ret_count)++] = word;
	*ret = words;
}

/* Of records one a line; other lines replace what an earlier case said. */
static int read_expect(struct arena *a, struct vector_file *file, struct vector_case *vc,
		       struct str rest, struct err *err)
{
	struct expectations *expected = &vc->request.expected;
	struct str word = STR_NONE;

	str_word(&rest, &word);
	rest = str_trim(rest);
	if (str_eq(word, STR_LIT("issuers"))) {
		read_words(a, rest, &expected->issuers, &expected->issuer_count);
	} else if (str_eq(word, STR_LIT("name_servers"))) {
		read_words(a, rest, &expected->name_servers, &expected->name_server_count);
	} else if (str_eq(word, STR_LIT("mail_provider"))) {
		expected->mail_provider = rest;
	} else if (str_eq(word, STR_LIT("ports"))) {
		read_words(a, rest, &expected->ports, &expected->port_count);
	} else if (str_eq(word, STR_LIT("registration_expires"))) {
		return read_time(file, rest, &expected->registration_us, err);
	} else if (str_eq(word, STR_LIT("record"))) {
		struct str *records = arena_array(a, expected->record_count + 1, sizeof *records);

		for (size_t i = 0; i < expected->record_count; i++)
			records[i] = expected->records[i];
		records[expected->record_count++] = rest;
		expected->records = records;
	} else {
		return line_error(file, err, "nothing to expect:", word);
	}
	return 0;
}

static int read_case_line(struct arena *a, struct vector_file *file, struct str word,
			  struct str rest, struct str line, struct err *err)
{
	struct vector_case *vc = &file->cases[file->case_count - 1];

	if (str_eq(word, STR_LIT("like")))
		return read_like(file, vc, rest, err);
	if (str_eq(word, STR_LIT("domain"))) {
		vc->request.domain = rest;
	} else if (str_eq(word, STR_LIT("at"))) {
		return read_time(file, rest, &vc->request.at_us, err);
	} else if (str_eq(word, STR_LIT("active"))) {
		vc->request.is_active = true;
	} else if (str_eq(word, STR_LIT("selector"))) {
		if (vc->request.dkim_selector_count == ARRAY_COUNT(vc->selectors))
			return line_error(file, err, "too many selectors:", rest);
		vc->selectors[vc->request.dkim_selector_count++] = rest;
	} else if (str_eq(word, STR_LIT("expect"))) {
		return read_expect(a, file, vc, rest, err);
	} else if (str_eq(word, STR_LIT("before"))) {
		return read_before(a, file, vc, rest, err);
	} else if (str_eq(word, STR_LIT("rest"))) {
		return read_rest(a, file, vc, rest, err);
	} else if (str_eq(word, STR_LIT("want"))) {
		if (vc->want_count == CASE_WANTS)
			return line_error(file, err, "too many wants:", rest);
		return read_want(file, rest, &vc->wants[vc->want_count++], err);
	} else {
		return read_fact(a, file, vc, line, err);
	}
	return 0;
}

static int read_line(struct arena *a, struct vector_file *file, struct str line, struct err *err)
{
	struct str rest = line, word;

	if (!str_word(&rest, &word) || word.data[0] == '#')
		return 0;
	rest = str_trim(rest);
	if (str_eq(word, STR_LIT("never"))) {
		if (file->never_count == CASE_WANTS)
			return line_error(file, err, "too many never lines:", rest);
		return read_want(file, rest, &file->nevers[file->never_count++], err);
	}
	if (str_eq(word, STR_LIT("case")))
		return begin_case(a, file, rest, err);
	if (!file->case_count)
		return line_error(file, err, "a case must come first, not", word);
	return read_case_line(a, file, word, rest, str_trim(line), err);
}

int vector_file_read(struct arena *a, const char *path, struct str text, struct vector_file *ret,
		     struct err *err)
{
	struct str line;

	*ret = (struct vector_file){ .path = path };
	ret->cases = arena_array(a, FILE_CASES, sizeof *ret->cases);
	ret->nevers = arena_array(a, CASE_WANTS, sizeof *ret->nevers);
	while (str_split(&text, '\n', &line)) {
		ret->line++;
		TRY(read_line(a, ret, line, err));
	}
	return 0;
}
