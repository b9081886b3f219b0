/* SPDX-License-Identifier: Apache-2.0 */
/* Is it the password? */
#include "app/password.h"

#include "app/text.h"
#include "app/user.h"

#include <pthread.h>
#include <sodium.h>
#include <time.h>

enum { WAIT_S = 5 };

/* Of random octets that nobody has kept: what is compared where there is no password. */
static const char nobodys[] = "$argon2id$v=19$m=65536,t=2,p=1$NxWLMnXlFy7BNMh1RHfhgA$"
			      "8u3gqY5tpNsJfbYDYyV106QUCG7VYX3gqIFfVmv1zkU";

static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;

static int turn_take(struct problem *problem)
{
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += WAIT_S;
	if (!pthread_mutex_timedlock(&turn, &until))
		return 0;
	problem->retry_us = WAIT_S * INT64_C(1000000);
	return err_set(&problem->err, -EAGAIN, "too many logins at once: try again in %d s",
		       WAIT_S);
}

int password_read(struct str password, struct str name, struct problem *problem)
{
	static const struct str pointer = STR_INIT("/password");
	struct str same;
	size_t repeats = 0;

	if (password.len < PASSWORD_MIN)
		return problem_add(problem, pointer, "too-short",
				   "a password has at least %d characters", PASSWORD_MIN);
	TRY(text_read(password, PASSWORD_MAX, TEXT_LINE, pointer, &same, problem));
	if (same.len != password.len)
		return problem_add(problem, pointer, "blank",
				   "a password does not begin or end with a blank");
	for (size_t i = 0; i < password.len; i++)
		repeats += password.data[i] == password.data[0];
	if (repeats == password.len || str_eq_nocase(password, name))
		return problem_add(problem, pointer, "weak",
				   "the name, or one character again and again, is no password");
	return 0;
}

int password_hash(struct arena *a, struct str password, struct str *ret, struct problem *problem)
{
	char *text = arena_zalloc(a, crypto_pwhash_STRBYTES);
	int code;

	TRY(turn_take(problem));
	code = crypto_pwhash_str(text, password.data, password.len,
				 crypto_pwhash_OPSLIMIT_INTERACTIVE,
				 crypto_pwhash_MEMLIMIT_INTERACTIVE);
	pthread_mutex_unlock(&turn);
	if (code)
		return err_set(&problem->err, -ENOMEM, "no memory to keep a password");
	*ret = str_of(text);
	return 0;
}

int password_check(struct arena *a, struct str hash, struct str password, struct problem *problem)
{
	const char *text = hash.len ? str_cstring(a, hash) : nobodys;
	int code;

	if (password.len > PASSWORD_MAX)
		password.len = 0;
	TRY(turn_take(problem));
	code = crypto_pwhash_str_verify(text, password.data ? password.data : "", password.len);
	pthread_mutex_unlock(&turn);
	if (code || !hash.len)
		return err_set(&problem->err, -EACCES, "no such name, or not its password");
	return 0;
}
