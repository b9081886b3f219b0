/* SPDX-License-Identifier: Apache-2.0 */
/* Which password does the person want? */
#include "cli/password.h"

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

enum { TYPED_BYTES = 512 };

/* One line of the terminal, echo off. */
static int line_type(int tty, const char *prompt, char ret[static TYPED_BYTES], size_t *ret_len)
{
	struct termios before, silent;
	ssize_t got;

	if (tcgetattr(tty, &before) < 0)
		return -errno;
	silent = before;
	silent.c_lflag &= ~(tcflag_t)(ECHO | ECHONL);
	(void)!write(tty, prompt, strlen(prompt));
	tcsetattr(tty, TCSAFLUSH, &silent);
	got = read(tty, ret, TYPED_BYTES);
	tcsetattr(tty, TCSAFLUSH, &before);
	(void)!write(tty, "\n", 1);
	if (got <= 0 || ret[got - 1] != '\n')
		return -EIO;
	*ret_len = (size_t)got - 1;
	return 0;
}

static int password_type(struct task *task, int tty, struct secret *ret)
{
	char first[TYPED_BYTES], second[TYPED_BYTES];
	size_t first_len = 0, second_len = 0;
	int code = EXIT_USAGE;

	if (line_type(tty, "New password: ", first, &first_len) < 0 ||
	    line_type(tty, "Again: ", second, &second_len) < 0)
		console_say("no password was typed");
	else if (!first_len || first_len != second_len || memcmp(first, second, first_len) != 0)
		console_say(first_len ? "the two differ" : "no password was typed");
	else
		code = EXIT_DONE;
	if (code == EXIT_DONE)
		ret->bytes = str_copy(task->arena, str_bytes(first, first_len));
	explicit_bzero(first, sizeof first);
	explicit_bzero(second, sizeof second);
	return code;
}

int password_ask(struct task *task, struct secret *ret)
{
	struct err err = { 0 };
	int code = secret_read(task->arena, task->call->settings, SETTING_PASSWORD, ret, &err), tty;

	if (code == 0)
		return EXIT_DONE;
	if (code != -ENOENT || task_text(task, SETTING_PASSWORD).len) {
		console_say("%s", err.text);
		return EXIT_USAGE;
	}
	tty = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	if (tty < 0)
		return console_usage(task->noun, "there is no terminal to ask for a password; "
						 "--password-file FILE names one");
	code = password_type(task, tty, ret);
	close(tty);
	return code;
}
