/* SPDX-License-Identifier: Apache-2.0 */
/* What does the policy say that --policy names? */
#include "cli/policy_file.h"

#include "app/policy_document.h"
#include "checks/families.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

enum { SHOWN_ERRORS = 20, PART_BYTES = 65536, POLICY_BYTES = 4 << 20 };

int policy_bytes(const struct call *call, struct str path, size_t most, struct str *ret,
		 struct err *err)
{
	bool is_input = str_eq(path, STR_LIT("-"));
	int fd = is_input ? STDIN_FILENO
			  : open(str_cstring(call->arena, path), O_RDONLY | O_CLOEXEC);
	struct buf text;
	ssize_t got = 1;
	int why;

	if (fd < 0)
		return err_set(err, -errno, "cannot open %.*s: %s", STR(path), strerror(errno));
	buf_init(&text, call->arena);
	while (got > 0 && text.len <= most) {
		got = read(fd, buf_reserve(&text, PART_BYTES), PART_BYTES);
		text.len += got > 0 ? (size_t)got : 0;
	}
	why = errno;
	if (!is_input)
		close(fd);
	if (got < 0)
		return err_set(err, -why, "cannot read %.*s: %s", STR(path), strerror(why));
	if (text.len > most)
		return err_set(err, ERR_LIMIT, "%.*s is larger than %zu MiB", STR(path),
			       most >> 20);
	*ret = buf_str(&text);
	return 0;
}

static int read_named(const struct call *call, struct str path, struct check_policy *ret)
{
	struct problem *problem = ARENA_NEW(call->arena, struct problem);
	struct policy_reading reading = { .a = call->arena,
					  .name = path,
					  .check_ids = check_ids(call->arena),
					  .problem = problem };
	struct err err = { 0 };
	struct str text = STR_NONE;

	problem_init(problem, call->arena);
	if (policy_bytes(call, path, POLICY_BYTES, &text, &err) < 0) {
		console_say("%s", err.text);
		return EXIT_USAGE;
	}
	if (policy_read(&reading, text, ret) == 0)
		return EXIT_DONE;
	for (size_t i = 0; i < problem->count && i < SHOWN_ERRORS; i++)
		console_say("%.*s", STR(problem->errors[i].detail));
	if (problem->count > SHOWN_ERRORS)
		console_say("and more");
	return EXIT_USAGE;
}

int policy_file_read(const struct call *call, struct check_policy *ret)
{
	struct str path = call_value(call, SETTING_POLICY)->text;

	*ret = (struct check_policy){ 0 };
	return path.len ? read_named(call, path, ret) : EXIT_DONE;
}

int policy_file_json(const struct call *call, struct str path, struct str *ret)
{
	struct check_policy policy;
	int code = read_named(call, path, &policy);

	if (code == EXIT_DONE)
		*ret = policy_text(call->arena, &policy);
	return code;
}
