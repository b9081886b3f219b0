/* SPDX-License-Identifier: Apache-2.0 */
/* How does another program start with nothing of ours, and how is its end noticed? */
#include "loop/child.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ENVIRONMENT = 64, FIRST_HIGH = 64 };

struct child {
	uv_poll_t exit_poll; /* of pidfd */
	uv_timer_t kill_timer;
	unsigned open_handles;
	int pidfd;
	pid_t pid; /* 0 after it was reaped */
	bool has_own_group, is_released;
	void (*on_exit)(struct child *child, struct child_exit how, void *data);
	void *data;
};

/* What the new process tells when it cannot become the program. */
struct failure {
	int code;
	char step[32];
};

/* All that the code between fork and exec needs: it may not allocate. */
struct launch {
	const struct child_settings *settings;
	const char *environment[ENVIRONMENT];
	int failure_fd;
	int program_fd; /* -1: by its path */
	pid_t parent;
};

/* ---- in the new process, async-signal-safe calls only ---- */

static NORETURN void launch_fail(const struct launch *launch, const char *step)
{
	struct failure failure = { .code = -errno };

	for (size_t i = 0; i < sizeof failure.step - 1 && step[i]; i++)
		failure.step[i] = step[i];
	(void)!write(launch->failure_fd, &failure, sizeof failure);
	_exit(127);
}

static void launch_signals(void)
{
	struct sigaction usual = { .sa_handler = SIG_DFL };
	sigset_t none;

	for (int number = 1; number < NSIG; number++)
		sigaction(number, &usual, NULL); /* fails for those that cannot be changed */
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

static void launch_descriptors(struct launch *launch)
{
	const struct child_settings *settings = launch->settings;
	int high[CHILD_DESCRIPTORS], null;
	bool is_named[CHILD_DESCRIPTORS] = { false };

	/* First away from the low numbers, so that a mapping cannot overwrite another's source. */
	for (size_t i = 0; i < settings->descriptor_count; i++) {
		high[i] = fcntl(settings->descriptors[i].from, F_DUPFD_CLOEXEC, FIRST_HIGH);
		if (high[i] < 0)
			launch_fail(launch, "descriptor");
	}
	launch->failure_fd = fcntl(launch->failure_fd, F_DUPFD_CLOEXEC, FIRST_HIGH);
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (launch->failure_fd < 0 || null < 0)
		launch_fail(launch, "open /dev/null");
	for (int fd = 0; fd <= STDERR_FILENO; fd++)
		if (null == fd ? fcntl(fd, F_SETFD, 0) < 0 : dup2(null, fd) < 0)
			launch_fail(launch, "open /dev/null");
	for (size_t i = 0; i < settings->descriptor_count; i++) {
		is_named[settings->descriptors[i].to] = true;
		if (dup2(high[i], settings->descriptors[i].to) < 0)
			launch_fail(launch, "descriptor");
	}
	for (int fd = STDERR_FILENO + 1; fd < CHILD_DESCRIPTORS; fd++)
		if (!is_named[fd])
			close(fd);
	if ((launch->failure_fd > CHILD_DESCRIPTORS &&
	     syscall(SYS_close_range, CHILD_DESCRIPTORS, launch->failure_fd - 1, 0) < 0) ||
	    syscall(SYS_close_range, launch->failure_fd + 1, ~0u, 0) < 0)
		launch_fail(launch, "close_range");
}

/* The system calls themselves: libc's functions would signal threads that are not here. The program is
 * found with the rights that we have, and not with those that it gets: its folder may be ours alone. */
static void launch_identity(struct launch *launch)
{
	const struct child_settings *settings = launch->settings;

	if (!settings->has_identity)
		return;
	launch->program_fd = open(settings->argv[0], O_PATH | O_CLOEXEC);
	if (launch->program_fd < 0)
		launch_fail(launch, "exec");
	if (syscall(SYS_setgroups, 0, NULL) < 0)
		launch_fail(launch, "setgroups");
	if (syscall(SYS_setresgid, settings->gid, settings->gid, settings->gid) < 0)
		launch_fail(launch, "setresgid");
	if (syscall(SYS_setresuid, settings->uid, settings->uid, settings->uid) < 0)
		launch_fail(launch, "setresuid");
}

static NORETURN void launch_run(struct launch *launch)
{
	const struct child_settings *settings = launch->settings;

	launch_signals();
	launch_descriptors(launch);
	if (settings->has_own_group && setpgid(0, 0) < 0)
		launch_fail(launch, "setpgid");
	for (size_t i = 0; i < settings->limit_count; i++) {
		struct rlimit limit = { settings->limits[i].soft, settings->limits[i].hard };

		if (setrlimit((__rlimit_resource_t)settings->limits[i].resource, &limit) < 0)
			launch_fail(launch, "setrlimit");
	}
	launch_identity(launch);
	/* After the identity: changing it forgets the signal. A parent that died before this line
	 * shows as another parent. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
		launch_fail(launch, "prctl");
	if (getppid() != launch->parent)
		_exit(127);
	umask(077);
	if (chdir(settings->directory ? settings->directory : "/") < 0)
		launch_fail(launch, "chdir");
	if (launch->program_fd >= 0)
		syscall(SYS_execveat, launch->program_fd, "", settings->argv, launch->environment,
			AT_EMPTY_PATH);
	else
		execve(settings->argv[0], (char *const *)settings->argv,
		       (char *const *)launch->environment);
	launch_fail(launch, "exec");
}

/* ---- in the parent ---- */

/* What a debug build lets through to its children; nothing in a release. */
static const char *const passed[] = {
#ifdef DSS_IS_DEBUG
	"ASAN_OPTIONS=",
	"UBSAN_OPTIONS=",
	"LSAN_OPTIONS=",
	"TSAN_OPTIONS=",
	"LD_PRELOAD=",
	"FAKETIME",
	"DSS_FAULT_", /* base/fault.h */
#endif
	NULL
};

static int launch_environment(struct launch *launch, struct err *err)
{
	const char *const *given = launch->settings->environment;
	size_t count = 0;

	for (; given && *given; given++) {
		if (count == ENVIRONMENT - 1)
			return err_set(err, -E2BIG, "more than %d environment variables",
				       ENVIRONMENT - 1);
		launch->environment[count++] = *given;
	}
	for (char **own = environ; own && *own; own++)
		for (size_t i = 0; passed[i]; i++)
			if (str_starts(str_of(*own), str_of(passed[i])) && count < ENVIRONMENT - 1)
				launch->environment[count++] = *own;
	launch->environment[count] = NULL;
	return 0;
}

static int settings_check(const struct child_settings *settings, struct err *err)
{
	if (!settings->argv || !settings->argv[0] || settings->argv[0][0] != '/')
		return err_set(err, -EINVAL, "a child needs the absolute path of its program");
	if (settings->descriptor_count > CHILD_DESCRIPTORS)
		return err_set(err, -EINVAL, "more than %d descriptors for a child",
			       CHILD_DESCRIPTORS);
	for (size_t i = 0; i < settings->descriptor_count; i++)
		if (settings->descriptors[i].to < 0 ||
		    settings->descriptors[i].to >= CHILD_DESCRIPTORS)
			return err_set(err, -EINVAL, "a child's descriptor %d is not below %d",
				       settings->descriptors[i].to, CHILD_DESCRIPTORS);
	return 0;
}

/* Returns the pid after exec succeeded. */
static int launch_fork(struct launch *launch, struct err *err)
{
	struct failure failure = { 0 };
	sigset_t all, before;
	ssize_t got;
	int fds[2];
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return err_set(err, -errno, "pipe: %s", strerror(errno));
	launch->parent = getpid();
	launch->failure_fd = fds[1];
	/* A handler of ours must not run in the child before it has gone back to the default. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	pid = fork();
	if (pid == 0)
		launch_run(launch);
	failure.code = -errno;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	close(fds[1]);
	if (pid < 0) {
		close(fds[0]);
		return err_set(err, failure.code, "fork: %s", strerror(-failure.code));
	}
	do
		got = read(fds[0], &failure, sizeof failure);
	while (got < 0 && errno == EINTR);
	close(fds[0]);
	if (got == 0)
		return pid;
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	if (got != sizeof failure || failure.code >= 0)
		failure = (struct failure){ -EIO, "fork" };
	return err_set(err, failure.code, "%.*s %s: %s", (int)sizeof failure.step, failure.step,
		       launch->settings->argv[0], strerror(-failure.code));
}

static void on_handle_closed(uv_handle_t *handle)
{
	struct child *child = handle->data;

	if (--child->open_handles > 0)
		return;
	close(child->pidfd);
	if (child->is_released)
		memory_free(child);
}

static void handles_close(struct child *child)
{
	if (!uv_is_closing((uv_handle_t *)&child->exit_poll)) {
		uv_close((uv_handle_t *)&child->exit_poll, on_handle_closed);
		uv_close((uv_handle_t *)&child->kill_timer, on_handle_closed);
	}
}

static struct child_exit child_reap(struct child *child)
{
	struct child_exit how = { CHILD_STATUS_UNKNOWN, 0 };
	int status;

	/* While it is a zombie its pid, and so its group's number, cannot be another's. */
	if (child->has_own_group)
		kill(-child->pid, SIGKILL);
	while (waitpid(child->pid, &status, 0) < 0)
		if (errno != EINTR)
			goto reaped; /* someone else took its status */
	if (WIFEXITED(status))
		how.code = WEXITSTATUS(status);
	else if (WIFSIGNALED(status))
		how.signal = WTERMSIG(status);
reaped:
	child->pid = 0;
	return how;
}

static void on_pidfd(uv_poll_t *poll, int status, int events)
{
	struct child *child = poll->data;
	struct child_exit how = child_reap(child);

	handles_close(child);
	child->on_exit(child, how, child->data);
}

int child_start(uv_loop_t *loop, const struct child_settings *settings,
		void (*on_exit)(struct child *child, struct child_exit how, void *data), void *data,
		struct child **ret, struct err *err)
{
	struct launch launch = { .settings = settings, .program_fd = -1 };
	struct child *child;
	int pid, pidfd, code;

	TRY(settings_check(settings, err));
	TRY(launch_environment(&launch, err));
	pid = launch_fork(&launch, err);
	if (pid < 0)
		return pid;
	child = memory_alloc(sizeof *child);
	memset(child, 0, sizeof *child);
	pidfd = pidfd_open(pid, 0);
	code = pidfd < 0 ? -errno : uv_poll_init(loop, &child->exit_poll, pidfd);
	if (code < 0) {
		kill(pid, SIGKILL);
		while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
			;
		if (pidfd >= 0)
			close(pidfd);
		memory_free(child);
		return err_set(err, code, "pidfd_open: %s", strerror(-code));
	}
	uv_timer_init(loop, &child->kill_timer);
	child->exit_poll.data = child->kill_timer.data = child;
	child->open_handles = 2;
	child->pidfd = pidfd;
	child->pid = pid;
	child->has_own_group = settings->has_own_group;
	child->on_exit = on_exit;
	child->data = data;
	uv_poll_start(&child->exit_poll, UV_READABLE, on_pidfd);
	*ret = child;
	return 0;
}

pid_t child_pid(const struct child *child)
{
	return child->pid;
}

void child_signal(struct child *child, int signal)
{
	if (!child->pid)
		return;
	if (child->has_own_group)
		kill(-child->pid, signal);
	else
		kill(child->pid, signal);
}

static void on_grace_over(uv_timer_t *timer)
{
	child_signal(timer->data, SIGKILL);
}

void child_stop(struct child *child, unsigned grace_ms)
{
	if (!child->pid)
		return;
	child_signal(child, grace_ms ? SIGTERM : SIGKILL);
	uv_update_time(child->kill_timer.loop);
	uv_timer_start(&child->kill_timer, on_grace_over, grace_ms, 0);
}

void child_release(struct child *child)
{
	if (!child)
		return;
	child->is_released = true;
	if (child->pid) {
		child_signal(child, SIGKILL);
		child_reap(child);
	}
	if (child->open_handles)
		handles_close(child);
	else
		memory_free(child);
}

static bool is_program(const char *path)
{
	struct stat stat_;

	return stat(path, &stat_) == 0 && S_ISREG(stat_.st_mode) && access(path, X_OK) == 0;
}

bool child_find_program(const char *name, char *ret_path, size_t size)
{
	static const char usual[] = "/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin:/sbin:/bin";
	const char *path = getenv("PATH");
	struct str lists[] = { str_of(usual), str_of(path) }, directory;

	if (strchr(name, '/'))
		return (size_t)snprintf(ret_path, size, "%s", name) < size && is_program(ret_path);
	for (size_t i = 0; i < ARRAY_COUNT(lists); i++)
		while (str_split(&lists[i], ':', &directory))
			if (directory.len && directory.data[0] == '/' &&
			    (size_t)snprintf(ret_path, size, "%.*s/%s", STR(directory), name) <
				    size &&
			    is_program(ret_path))
				return true;
	return false;
}
