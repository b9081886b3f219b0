/* SPDX-License-Identifier: Apache-2.0 */
/* Does the scanner bear whatever it is sent, locked in, and leave when it should? */
#include "facts/fact.h"
#include "tests/unit/roles/scanner_child.h"

#include <dirent.h>
#include <fcntl.h>
#include <glob.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SPOILT_JUDGEMENTS = 1500, SPOILT_STREAMS = 60, LINES = 20000, FACTS = 60 };

/* ---- luck that can be had again ---- */

static uint64_t luck = 1;

static size_t draw(size_t below)
{
	luck = luck * 6364136223846793005u + 1442695040888963407u;
	return (size_t)(luck >> 33) % below;
}

/* A few octets changed, cut out, or repeated. */
static struct str spoil(struct arena *a, struct str bytes)
{
	char *out = arena_alloc(a, bytes.len * 2 + 8);
	size_t len = bytes.len;

	memcpy(out, bytes.data ? bytes.data : "", len);
	for (size_t i = draw(4) + 1; i > 0 && len; i--) {
		size_t at = draw(len), count = draw(MIN(len - at, (size_t)8)) + 1;

		switch (draw(4)) {
		case 0:
			out[at] = (char)draw(256);
			break;
		case 1:
			out[at] = (char)(out[at] ^ 1 << draw(8));
			break;
		case 2:
			if (at + count > len)
				break;
			memmove(out + at, out + at + count, len - at - count);
			len -= count;
			break;
		default:
			if (len + count > bytes.len * 2)
				break;
			memmove(out + at + count, out + at, len - at);
			len += count;
			break;
		}
	}
	return str_bytes(out, len);
}

/* ---- configurations ---- */

static struct scanner_configuration configuration(enum scanner_work work)
{
	return (struct scanner_configuration){
		.work = (uint8_t)work,
		.options.profile = STR_LIT("quick"),
		.format = STR_LIT("jsonl"),
		.in_flight = 100,
	};
}

static void configure(struct scanner_child *child, enum scanner_work work, struct str *resolver)
{
	struct scanner_configuration c = configuration(work);
	struct frame frame;

	if (child->resolver_fd >= 0) {
		*resolver = str_of(child->resolver);
		c.resolvers = resolver;
		c.resolver_count = 1;
	}
	child_send_body(child, SCANNER_CONFIGURE, &scanner_configuration_desc, &c);
	CHECK(child_next(child, &frame));
	CHECK_INT(frame.type, SCANNER_READY);
}

static void scan(struct scanner_child *child, uint64_t number, const char *domain)
{
	struct scanner_scan body = { .number = number,
				     .input = str_of(domain),
				     .domain = str_of(domain) };

	child_send_body(child, SCANNER_SCAN, &scanner_scan_desc, &body);
}

/* ---- hostile frames ---- */

/* The first frames of a stream, after which it must say FATAL or leave, and leave for sure. */
static void check_refused(struct str frames, bool says_fatal)
{
	struct scanner_child child;
	struct frame frame;

	child_begin(&child, false);
	child_send_bytes(&child, frames);
	if (says_fatal)
		CHECK(child_expect(&child, SCANNER_FATAL, &frame));
	else
		CHECK(!child_expect(&child, SCANNER_READY, &frame));
	CHECK(child_finish(&child) != 0);
}

TEST(what_is_no_configuration_is_refused)
{
	static const char scan_first[] = "\0\0\0\x0a\x02\2\0\0\0\0\0\0\0\1";
	static const char version[] = "\0\0\0\x0a\x01\x07\0\0\0\0\0\0\0\0";
	static const char empty[] = "\0\0\0\x0a\x01\2\0\0\0\0\0\0\0\0";
	static const char unknown[] = "\0\0\0\x0a\x77\2\0\0\0\0\0\0\0\0";
	static const char garbage[] = "GET / HTTP/1.1\r\nHost: example.com\r\n\r\n";
	static const char small[] = "\0\0\0\1";

	check_refused(str_bytes(scan_first, sizeof scan_first - 1), true);
	check_refused(str_bytes(version, sizeof version - 1), true);
	check_refused(str_bytes(empty, sizeof empty - 1), true);
	check_refused(str_bytes(unknown, sizeof unknown - 1), true);
	check_refused(str_bytes(garbage, sizeof garbage - 1), false);
	check_refused(str_bytes(small, sizeof small - 1), false);
}

TEST(work_of_another_kind_is_refused)
{
	static const struct {
		enum scanner_work work;
		uint8_t type;
	} rows[] = {
		{ SCANNER_WORK_JUDGE, SCANNER_SCAN },      { SCANNER_WORK_JUDGE, SCANNER_ASK },
		{ SCANNER_WORK_ASK, SCANNER_JUDGE },       { SCANNER_WORK_ASK, SCANNER_SCAN },
		{ SCANNER_WORK_SCAN, SCANNER_ASK },        { SCANNER_WORK_SCAN, SCANNER_CONFIGURE },
		{ SCANNER_WORK_JUDGE, SCANNER_CONFIGURE },
	};

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct scanner_judge judge = { .facts = { .domain = STR_LIT("example.com") } };
		struct scanner_child child;
		struct frame frame;

		test_row("%zu", i);
		child_begin(&child, false);
		configure(&child, rows[i].work, NULL);
		child_send_body(&child, rows[i].type, &scanner_judge_desc, &judge);
		CHECK(child_expect(&child, SCANNER_FATAL, &frame));
		CHECK_INT(child_finish(&child), 5);
	}
}

TEST(what_is_no_name_is_never_scanned)
{
	static const char *const names[] = { "", "a b", "..", "\xff\xfe", "a..b" };

	for (size_t i = 0; i < ARRAY_COUNT(names); i++) {
		struct scanner_child child;
		struct frame frame;

		child_begin(&child, false);
		configure(&child, SCANNER_WORK_SCAN, NULL);
		scan(&child, 1, names[i]);
		CHECK(child_expect(&child, SCANNER_FATAL, &frame));
		CHECK_INT(child_finish(&child), 5);
	}
}

/* A whole stream of good frames, spoilt anywhere: it never crashes and always ends. */
TEST(spoilt_streams_end)
{
	struct scanner_configuration c = configuration(SCANNER_WORK_JUDGE);
	struct scanner_judge judge = { .number = 1,
				       .facts = { .domain = STR_LIT("example.com"),
						  .text = STR_LIT("dns example.com A 45.0.0.1") } };
	struct str only[] = { STR_LIT("dns.soa"), STR_LIT("mail") };
	struct arena arena = { 0 };
	struct buf body, stream;

	c.options.only = only;
	c.options.only_count = ARRAY_COUNT(only);
	for (unsigned i = 0; i < SPOILT_STREAMS; i++) {
		struct frame frame = { .type = SCANNER_CONFIGURE, .version = SCANNER_PROTOCOL };
		struct scanner_child child;
		char header[FRAME_HEADER_BYTES];

		test_row("stream %u", i);
		buf_init(&stream, &arena);
		for (unsigned k = 0; k < 3; k++) {
			buf_init(&body, &arena);
			if (k == 0)
				desc_encode(&body, &scanner_configuration_desc, &c);
			else if (k == 1)
				desc_encode(&body, &scanner_judge_desc, &judge);
			frame.type = k == 0   ? SCANNER_CONFIGURE
				     : k == 1 ? SCANNER_JUDGE
					      : SCANNER_FINISH;
			frame_header(&frame, body.len, header);
			buf_put_str(&stream, str_bytes(header, sizeof header));
			buf_put_str(&stream, buf_str(&body));
		}
		child_begin(&child, false);
		child_send_bytes(&child, spoil(&arena, buf_str(&stream)));
		(void)child_finish(&child);
		arena_release(&arena);
	}
}

/* ---- hostile facts ---- */

static struct str lines[LINES];
static size_t line_count;

static void read_lines(struct arena *a, const char *path)
{
	struct stat stat;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct str text, line;
	char *bytes;

	CHECK(fd >= 0 && fstat(fd, &stat) == 0);
	bytes = arena_alloc(a, (size_t)stat.st_size + 1);
	CHECK(read(fd, bytes, (size_t)stat.st_size) == stat.st_size);
	close(fd);
	text = str_bytes(bytes, (size_t)stat.st_size);
	while (str_split(&text, '\n', &line) && line_count < LINES)
		if (str_starts(line, STR_LIT("dns")) || str_starts(line, STR_LIT("axfr")))
			lines[line_count++] = str_trim(line);
}

/* The facts of all vectors. */
static void read_vectors(struct arena *a)
{
	const char *checks = getenv("DSS_CHECKS");
	struct str pattern;
	glob_t found;

	CHECK(checks);
	pattern = str_printf(a, "%s/*/*.vectors", checks);
	CHECK(glob(pattern.data, 0, NULL, &found) == 0);
	line_count = 0;
	for (size_t i = 0; i < found.gl_pathc; i++)
		read_lines(a, found.gl_pathv[i]);
	globfree(&found);
	CHECK(line_count > 100);
}

static void spoilt_judgement(struct arena *a, struct scanner_judge *judge)
{
	size_t first = draw(line_count), count = 0;
	struct str *facts = arena_array(a, FACTS, sizeof *facts);
	struct buf text;

	buf_init(&text, a);
	for (size_t i = first; i < line_count && i < first + FACTS; i++) {
		struct fact fact;
		struct buf encoded;

		if (fact_parse(a, lines[i], &fact, NULL) < 0)
			continue;
		if (!draw(8)) {
			buf_put_str(&text, spoil(a, lines[i]));
			buf_put_char(&text, '\n');
			continue;
		}
		buf_init(&encoded, a);
		fact_encode(&encoded, &fact);
		facts[count++] = draw(3) ? buf_str(&encoded) : spoil(a, buf_str(&encoded));
	}
	judge->facts.facts = facts;
	judge->facts.fact_count = count;
	judge->facts.text = buf_str(&text);
}

/* Every judgement is answered, whatever its facts hold. */
TEST(spoilt_facts_are_judged)
{
	const char *rounds = getenv("DSS_TEST_ROUNDS"), *seed = getenv("DSS_TEST_SEED");
	size_t count = rounds ? (size_t)strtoul(rounds, NULL, 10) : SPOILT_JUDGEMENTS;
	struct arena vectors = { 0 }, arena = { 0 };
	struct scanner_child child;
	struct frame frame;

	luck = seed ? strtoul(seed, NULL, 10) : 1;
	read_vectors(&vectors);
	child_begin(&child, false);
	configure(&child, SCANNER_WORK_JUDGE, NULL);
	for (size_t i = 1; i <= count; i++) {
		struct scanner_judge judge = { .number = i,
					       .facts = { .domain = STR_LIT("example.com"),
							  .at_us = (int64_t)luck >> draw(64) } };

		test_row("judgement %zu", i);
		spoilt_judgement(&arena, &judge);
		child_send_body(&child, SCANNER_JUDGE, &scanner_judge_desc, &judge);
		CHECK(child_expect(&child, SCANNER_RESULT, &frame));
		CHECK(frame.scan_id == i);
		arena_release(&arena);
	}
	child_send(&child, SCANNER_FINISH, STR_NONE);
	CHECK(!child_expect(&child, SCANNER_FATAL, &frame));
	CHECK_INT(child_finish(&child), 0);
	arena_release(&vectors);
}

/* ---- ends ---- */

TEST(after_finish_the_last_results_come_and_it_leaves)
{
	struct scanner_child child;
	struct frame frame;
	struct str resolver;
	unsigned results = 0;

	child_begin(&child, true);
	configure(&child, SCANNER_WORK_SCAN, &resolver);
	for (uint64_t i = 1; i <= 3; i++)
		scan(&child, i, "no-such-name.example");
	child_send(&child, SCANNER_FINISH, STR_NONE);
	while (child_next(&child, &frame))
		results += frame.type == SCANNER_RESULT;
	CHECK_INT(results, 3);
	CHECK_INT(child_finish(&child), 0);
}

TEST(it_leaves_when_its_parent_is_gone)
{
	struct scanner_child child;
	struct str resolver;

	child_begin(&child, true);
	configure(&child, SCANNER_WORK_SCAN, &resolver);
	child.is_silent = true;
	scan(&child, 1, "example.com");
	CHECK_INT(child_finish(&child), 5);
}

TEST(a_resolver_that_refuses_is_told_before_anything_is_asked)
{
	struct scanner_configuration c = configuration(SCANNER_WORK_SCAN);
	struct scanner_child child;
	struct scanner_fatal fatal = { 0 };
	struct arena arena = { 0 };
	struct frame frame;
	struct str resolver;

	child_begin(&child, true);
	resolver = str_of(child.resolver);
	close(child.resolver_fd); /* nobody listens */
	child.resolver_fd = -1;
	c.resolvers = &resolver;
	c.resolver_count = 1;
	child_send_body(&child, SCANNER_CONFIGURE, &scanner_configuration_desc, &c);
	CHECK(child_next(&child, &frame));
	CHECK_INT(frame.type, SCANNER_FATAL);
	CHECK(desc_decode(&arena, &scanner_fatal_desc, frame.body, &fatal) == 0);
	CHECK_INT(fatal.exit_code, 5);
	CHECK(str_find(fatal.text, resolver) >= 0);
	arena_release(&arena);
	CHECK_INT(child_finish(&child), 5);
}

/* ---- the sandbox ---- */

static struct str status_value(char *text, const char *key)
{
	char *at = strstr(text, key);

	CHECK(at);
	at += strlen(key);
	at += strspn(at, " \t");
	return str_bytes(at, strcspn(at, "\n"));
}

static void check_status(pid_t pid)
{
	char path[64], text[8192];
	ssize_t len;
	int fd;

	snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	CHECK(fd >= 0);
	len = read(fd, text, sizeof text - 1);
	close(fd);
	CHECK(len > 0);
	text[len] = 0;
	CHECK_STR(status_value(text, "\nSeccomp:"), "2");
	CHECK_STR(status_value(text, "\nNoNewPrivs:"), "1");
	CHECK_STR(status_value(text, "\nCapEff:"), "0000000000000000");
	CHECK_STR(status_value(text, "\nCapPrm:"), "0000000000000000");
	CHECK_STR(status_value(text, "\nThreads:"), "1");
	CHECK(!str_starts(status_value(text, "\nUid:"), STR_LIT("0\t")));
}

/* Above standard error only sockets and what the loop is made of: no file, no directory. */
static void check_descriptors(pid_t pid)
{
	static const char *const allowed[] = { "socket:[",
					       "pipe:[",
					       "anon_inode:[eventpoll]",
					       "anon_inode:[eventfd]",
					       "anon_inode:[timerfd]",
					       "/dev/null" };
	char path[320], target[256];
	struct dirent *entry;
	unsigned count = 0;
	DIR *dir;

	snprintf(path, sizeof path, "/proc/%d/fd", (int)pid);
	dir = opendir(path);
	if (!dir) { /* it is not dumpable: only root may look */
		CHECK(errno == EACCES && geteuid() != 0);
		return;
	}
	while ((entry = readdir(dir))) {
		bool is_allowed = strtol(entry->d_name, NULL, 10) <= STDERR_FILENO;
		ssize_t len;

		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof path, "/proc/%d/fd/%s", (int)pid, entry->d_name);
		len = readlink(path, target, sizeof target - 1);
		CHECK(len > 0);
		target[len] = 0;
		test_row("descriptor %s: %s", entry->d_name, target);
		for (size_t i = 0; i < ARRAY_COUNT(allowed); i++)
			is_allowed |= !strncmp(target, allowed[i], strlen(allowed[i]));
		CHECK(is_allowed);
		count++;
	}
	closedir(dir);
	CHECK(count > 3);
}

TEST(when_it_is_ready_it_is_locked_in)
{
	struct scanner_child child;
	struct str resolver;
	struct frame frame;

	child_begin(&child, true);
	configure(&child, SCANNER_WORK_SCAN, &resolver);
	check_status(child.pid);
	check_descriptors(child.pid);
	child_send(&child, SCANNER_FINISH, STR_NONE);
	CHECK(!child_next(&child, &frame));
	CHECK_INT(child_finish(&child), 0);
}
