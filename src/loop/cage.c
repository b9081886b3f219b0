/* SPDX-License-Identifier: Apache-2.0 */
/* In which order does a program lose everything, and what is left of it afterwards? */
#include "loop/cage_parts.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <sched.h>
#include <signal.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { NEW_NAMESPACES = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC };
enum { DESCRIPTORS = 256, FILE_BYTES = CAGE_TEMPORARY_BYTES, HUNTS = 1000, HUNT_US = 1000 };

/* What the first process needs; it may be the caller's copy of memory, and it alone. */
struct launch {
	const struct cage_settings *settings;
	bool is_bare;
	uid_t uid;
	gid_t gid;
	int told;   /* struct cage_ending is written here, once */
	int number; /* that of the listener is written here */
	int go;     /* until this is read nothing runs */
};

/* ---- in the cage's first process ---- */

static NORETURN void launch_tell(const struct launch *launch, const struct cage_ending *ending)
{
	(void)!write(launch->told, ending, sizeof *ending);
	_exit(0);
}

static void launch_check(const struct launch *launch, int code, const char *step)
{
	struct cage_ending ending = { .step_error = code, .code = -1 };

	if (code >= 0)
		return;
	snprintf(ending.step, sizeof ending.step, "%s", step);
	launch_tell(launch, &ending);
}

static int limit(int resource, rlim_t value)
{
	struct rlimit rlimit = { value, value };

	return setrlimit((__rlimit_resource_t)resource, &rlimit) < 0 ? -errno : 0;
}

/* Processes and threads that the user has already: where the cage is bare, the kernel counts them along. */
static rlim_t others(uid_t uid)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	rlim_t count = 0;

	while (proc && (entry = readdir(proc))) {
		char path[64], text[2048];
		const char *at, *threads;
		ssize_t len;
		int fd;

		if (!char_is_digit(entry->d_name[0]))
			continue;
		snprintf(path, sizeof path, "/proc/%.20s/status", entry->d_name);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		len = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
		if (fd >= 0)
			close(fd);
		text[MAX(len, 0)] = 0;
		at = strstr(text, "\nUid:");
		threads = strstr(text, "\nThreads:");
		if (at && threads && strtoul(at + 5, NULL, 10) == uid)
			count += strtoul(threads + 9, NULL, 10);
	}
	if (proc)
		closedir(proc);
	return count;
}

static int limits_set(const struct launch *launch)
{
	const struct cage_settings *settings = launch->settings;
	rlim_t processes = settings->processes + 1; /* this one, too */

	TRY(limit(RLIMIT_CORE, 0));
	TRY(limit(RLIMIT_FSIZE, FILE_BYTES));
	TRY(limit(RLIMIT_NOFILE, DESCRIPTORS));
	TRY(limit(RLIMIT_CPU, settings->cpu_s));
	TRY(limit(RLIMIT_MEMLOCK, 0));
	TRY(limit(RLIMIT_MSGQUEUE, 0));
	return limit(RLIMIT_NPROC, launch->is_bare ? processes + others(launch->uid) : processes);
}

/* What it finds in the directory where it starts. */
static int place_make(const struct launch *launch)
{
	const struct cage_settings *settings = launch->settings;
	ssize_t put;
	int fd;

	if (chdir(launch->is_bare ? settings->temporary : "/tmp") < 0)
		return -errno;
	if (!settings->file)
		return 0;
	fd = open(settings->file, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC | O_NOFOLLOW, 0444);
	if (fd < 0)
		return -errno;
	put = write(fd, settings->file_text.data, settings->file_text.len);
	close(fd);
	return put == (ssize_t)settings->file_text.len ? 0 : -EIO;
}

/* In a namespace of its own it has all of them; root keeps none through exec either. */
static int rights_drop(void)
{
	struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = { 0 };

	if (prctl(PR_SET_SECUREBITS, SECBIT_NOROOT | SECBIT_NOROOT_LOCKED | SECBIT_NO_SETUID_FIXUP |
					     SECBIT_NO_SETUID_FIXUP_LOCKED |
					     SECBIT_NO_CAP_AMBIENT_RAISE |
					     SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED) < 0 &&
	    errno != EPERM)
		return -errno;
	for (int capability = 0; prctl(PR_CAPBSET_READ, capability) >= 0; capability++)
		if (prctl(PR_CAPBSET_DROP, capability) < 0 && errno != EPERM)
			return -errno;
	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0 && errno != EINVAL)
		return -errno;
	if (syscall(SYS_capset, &header, none) < 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -errno;
	return 0;
}

static NORETURN void program_run(const struct launch *launch)
{
	static const char path[] =
		"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
	const struct cage_settings *settings = launch->settings;
	const char *place = launch->is_bare ? settings->temporary : "/tmp";
	char home[4096], temporary[4096];
	char *environment[] = {
		(char *)path,         home, temporary, (char *)"LANG=C.UTF-8", (char *)"TERM=dumb",
		(char *)"NO_COLOR=1", NULL
	};
	struct cage_ending ending = { .code = -1 };
	struct rlimit memory = { settings->memory_bytes, settings->memory_bytes };

	snprintf(home, sizeof home, "HOME=%s", place);
	snprintf(temporary, sizeof temporary, "TMPDIR=%s", place);
	setsid();
	umask(077);
	if (setrlimit(RLIMIT_AS, &memory) < 0 ||
	    execve(settings->argv[0], (char *const *)settings->argv, environment) < 0)
		ending.step_error = -errno;
	snprintf(ending.step, sizeof ending.step, "exec");
	(void)!write(launch->told, &ending, sizeof ending);
	_exit(127);
}

/* Alone with what it was given: 0 is /dev/null, 1 and 2 are the outputs. */
static int descriptors_close(const struct launch *launch)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (null < 0 || dup2(null, STDIN_FILENO) < 0)
		return -errno;
	for (int fd = STDERR_FILENO + 1; fd < DESCRIPTORS; fd++)
		if (fd != launch->told && fd != launch->number && fd != launch->go)
			close(fd);
	return syscall(SYS_close_range, DESCRIPTORS, ~0u, 0) < 0 ? -errno : 0;
}

static void signals_reset(void)
{
	struct sigaction usual = { .sa_handler = SIG_DFL };
	sigset_t none;

	for (int number = 1; number < NSIG; number++)
		sigaction(number, &usual, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

static NORETURN void first_wait(const struct launch *launch, pid_t program)
{
	struct cage_ending ending = { .code = -1 };
	int status = 0;
	pid_t pid;

	do /* whatever lost its parent is ours to reap */
		pid = waitpid(-1, &status, 0);
	while (pid != program && (pid > 0 || errno == EINTR));
	if (WIFEXITED(status))
		ending.code = WEXITSTATUS(status);
	else if (WIFSIGNALED(status))
		ending.signal = WTERMSIG(status);
	launch_tell(launch, &ending);
}

static NORETURN void first_run(const struct launch *launch)
{
	int listener = -1;
	pid_t program;
	char go;

	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
		_exit(127);
	signals_reset();
	launch_check(launch, descriptors_close(launch), "descriptors");
	if (!launch->is_bare)
		launch_check(launch, cage_mounts_make(launch->settings, launch->uid, launch->gid),
			     "namespaces");
	launch_check(launch, place_make(launch), "directory");
	launch_check(launch, limits_set(launch), "limits");
	launch_check(launch, rights_drop(), "capabilities");
	launch_check(launch, cage_files_close(launch->settings, launch->is_bare), "landlock");
	launch_check(launch, cage_filter_enter(launch->settings->network, &listener), "seccomp");
	if (write(launch->number, &listener, sizeof listener) != sizeof listener ||
	    read(launch->go, &go, 1) != 1)
		_exit(127);
	if (listener >= 0)
		close(listener);
	close(launch->number);
	close(launch->go);
	program = fork();
	if (program == 0)
		program_run(launch);
	launch_check(launch, program < 0 ? -errno : 0, "fork");
	first_wait(launch, program);
}

/* ---- in the caller ---- */

/* A fork into new namespaces, as one step: glibc has no call for it. */
static pid_t launch_fork(struct launch *launch)
{
	pid_t pid = -1;

	launch->is_bare = launch->settings->is_bare;
	if (!launch->is_bare)
		pid = (pid_t)syscall(SYS_clone, NEW_NAMESPACES | SIGCHLD, NULL, NULL, NULL, NULL);
	if (pid < 0 && (launch->is_bare || launch->settings->temporary)) {
		launch->is_bare = true;
		pid = fork();
	}
	return pid;
}

/* It has no listener for us while it sets up; if it fails, it tells that instead. */
static int listener_take(struct cage *cage, int number_fd)
{
	int number = -1, pidfd;

	if (read(number_fd, &number, sizeof number) != sizeof number || number < 0)
		return 0;
	pidfd = pidfd_open(cage->pid, 0);
	cage->listener = pidfd < 0 ? -1 : (int)syscall(SYS_pidfd_getfd, pidfd, number, 0);
	if (pidfd >= 0)
		close(pidfd);
	return cage->listener < 0 ? -errno : 0;
}

int cage_start(const struct cage_settings *settings, struct cage *ret, struct err *err)
{
	struct cage cage = { .listener = -1 };
	int told[2] = { -1, -1 }, number[2] = { -1, -1 }, go[2] = { -1, -1 }, code = 0;
	struct launch launch = { .settings = settings, .uid = getuid(), .gid = getgid() };

	if (pipe2(told, O_CLOEXEC | O_NONBLOCK) < 0 || pipe2(number, O_CLOEXEC) < 0 ||
	    pipe2(go, O_CLOEXEC) < 0) {
		code = err_set(err, -errno, "pipe: %s", strerror(errno));
		goto failed;
	}
	launch.told = told[1];
	launch.number = number[1];
	launch.go = go[0];
	cage.pid = launch_fork(&launch);
	if (cage.pid == 0)
		first_run(&launch);
	if (cage.pid < 0) {
		code = err_set(err, -errno,
			       "neither user namespaces nor a plain child can be made: %s",
			       strerror(errno));
		goto failed;
	}
	cage.is_bare = launch.is_bare;
	cage.told = told[0];
	close(told[1]);
	close(number[1]);
	code = listener_take(&cage, number[0]);
	/* Who has told already why it cannot be reads this no more: our own end keeps the pipe whole. */
	if (code < 0 || write(go[1], "", 1) != 1) {
		code = err_set(err, code, "the guard's descriptor cannot be had: %s",
			       strerror(-code));
		cage_end(&cage);
	}
	close(number[0]);
	close(go[0]);
	close(go[1]);
	if (code == 0)
		*ret = cage;
	return code;
failed:
	for (int i = 0; i < 2; i++) {
		close(told[i]);
		close(number[i]);
		close(go[i]);
	}
	return code;
}

bool cage_told(const struct cage *cage, struct cage_ending *ret)
{
	struct cage_ending ending;

	if (read(cage->told, &ending, sizeof ending) != sizeof ending)
		return false;
	ending.step[sizeof ending.step - 1] = 0;
	*ret = ending;
	return true;
}

/* Without a tree of its own: what lost its parent is the subreaper's child, level by level. */
static void hunt(void)
{
	char path[64], text[4096];

	snprintf(path, sizeof path, "/proc/self/task/%d/children", (int)getpid());
	for (int i = 0; i < HUNTS; i++) {
		int fd = open(path, O_RDONLY | O_CLOEXEC);
		ssize_t len = fd < 0 ? -1 : read(fd, text, sizeof text - 1);

		if (fd >= 0)
			close(fd);
		if (len <= 0)
			break;
		text[len] = 0;
		for (char *at = text, *next; *at; at = next) {
			long pid = strtol(at, &next, 10);

			if (next == at)
				break;
			if (pid > 1)
				kill((pid_t)pid, SIGKILL);
		}
		while (waitpid(-1, NULL, WNOHANG) > 0)
			;
		usleep(HUNT_US);
	}
}

void cage_end(struct cage *cage)
{
	kill(cage->pid, SIGKILL);
	while (waitpid(cage->pid, NULL, 0) < 0 && errno == EINTR)
		;
	if (cage->is_bare)
		hunt();
	close(cage->told);
	if (cage->listener >= 0)
		close(cage->listener);
}

bool cage_has_namespaces(void)
{
	pid_t pid = (pid_t)syscall(SYS_clone, NEW_NAMESPACES | SIGCHLD, NULL, NULL, NULL, NULL);

	if (pid == 0)
		_exit(0);
	while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	return pid > 0;
}
