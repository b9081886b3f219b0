/* SPDX-License-Identifier: Apache-2.0 */
/* How is an external tool run for a question? */
#include "roles/runner/tool.h"
#include "roles/runner/keeper.h"
#include "roles/runner/tool_argv.h"

#include "base/clock.h"
#include "loop/cage.h"
#include "loop/child.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

enum {
	TIME_MS = 30000,
	VERSION_TIME_MS = 10000,
	VERSION_BYTES = 120,
	OUTPUT_BYTES = 4 << 20,
	ERRORS_BYTES = 16 << 10, /* of standard error: its last line is shown */
	SHOWN_BYTES = 160,
	MEMORY_MIB = 512,
	PROCESSES = 32,
	STOP_MS = 2000,
	STREAMS = 3,
	PATH_BYTES = 4096
};

#define SYSTEM_AUTHORITIES "/etc/ssl/certs/ca-certificates.crt"

enum stream { STREAM_OUTPUT, STREAM_ERRORS, STREAM_REPORT };

/* What a tool says of itself, until the next configuration. */
struct tool_version {
	const struct definition *definition;
	char text[VERSION_BYTES + 1];
	struct tool_version *next;
};

/* What all tools of a runner share. */
struct tools {
	struct arena arena;
	struct str authorities; /* that we trust; empty: the system's */
	bool has_namespaces;
	struct tool_version *versions;
	size_t running;
};

/* One process of a tool under its keeper; it outlives its run when that was cancelled. */
struct tool {
	struct runner_role *role;
	struct run *run; /* NULL: nobody wants it any more */
	const struct definition *definition;
	struct tool_argv argv;
	char program[PATH_BYTES];
	char temporary[32]; /* empty: it has namespaces, and a /tmp of its own */
	bool is_version;    /* it is asked for its version first */
	struct child *keeper;
	struct piece {
		struct tool *tool;
		uv_pipe_t pipe;
		struct buf bytes;
		size_t most;
		bool is_open;
	} pieces[STREAMS];
	bool has_left, has_flooded;
	unsigned closing;
};

static void tool_start(struct tool *tool);

/* ---- its end ---- */

static void temporary_remove(struct tool *tool)
{
	/* Its keeper has emptied it. */
	if (tool->temporary[0])
		(void)!rmdir(tool->temporary);
	tool->temporary[0] = 0;
}

static void tool_free(struct tool *tool)
{
	temporary_remove(tool);
	for (size_t i = 0; i < STREAMS; i++)
		buf_release(&tool->pieces[i].bytes);
	child_release(tool->keeper);
	tool->role->tools->running--;
	memory_free(tool);
}

static struct str last_line(struct str text)
{
	ptrdiff_t at;

	while (text.len && (uint8_t)text.data[text.len - 1] <= ' ')
		text.len--;
	at = str_find_last_char(text, '\n');
	return str_first(at < 0 ? text : str_from(text, (size_t)at + 1), SHOWN_BYTES);
}

static struct str first_line(struct str text)
{
	struct str line = STR_NONE;

	while (str_split(&text, '\n', &line))
		if (str_trim(line).len)
			return str_first(str_trim(line), VERSION_BYTES);
	return STR_NONE;
}

static struct tool_version *version_find(const struct tool *tool)
{
	struct tool_version *version = tool->role->tools->versions;

	while (version && version->definition != tool->definition)
		version = version->next;
	return version;
}

static void version_keep(struct tool *tool)
{
	struct tools *tools = tool->role->tools;
	struct tool_version *version = ARENA_NEW(&tools->arena, struct tool_version);
	struct str line = first_line(buf_str(&tool->pieces[STREAM_OUTPUT].bytes));

	if (!line.len)
		line = first_line(buf_str(&tool->pieces[STREAM_ERRORS].bytes));
	*version = (struct tool_version){ .definition = tool->definition, .next = tools->versions };
	snprintf(version->text, sizeof version->text, "%.*s", STR(line));
	tools->versions = version;
}

/* One line: what it tried and may not, and what it said last when it failed. */
static struct str detail_of(struct tool *tool, const struct keeper_report *report)
{
	struct str said = last_line(buf_str(&tool->pieces[STREAM_ERRORS].bytes));
	struct buf out;

	buf_init(&out, &tool->run->arena);
	if (report->denied)
		buf_printf(&out,
			   "it tried %llu connections that it may not make, the first to %.*s",
			   (unsigned long long)report->denied, STR(report->first_denied));
	if (said.len && report->code)
		buf_printf(&out, "%sit said: %.*s", out.len ? "; " : "", STR(said));
	return buf_str(&out);
}

static void tool_tell(struct tool *tool, const struct keeper_report *report)
{
	struct run_result result = {
		.end = RUN_DONE,
		.status = report->code,
		.detail = detail_of(tool, report),
		.output = buf_str(&tool->pieces[STREAM_OUTPUT].bytes),
	};
	struct tool_version *version = version_find(tool);
	struct run *run = tool->run;
	char text[RUN_DETAIL_BYTES];

	if (version)
		result.version = str_of(version->text);
	if (tool->has_flooded) {
		snprintf(text, sizeof text, "it wrote more than %zu octets",
			 tool->pieces[STREAM_OUTPUT].most);
		result.end = RUN_FLOODED;
	} else if (report->was_stopped) {
		snprintf(text, sizeof text, "it was ended at its deadline");
		result.end = RUN_TIMED_OUT;
	} else if (report->error.len) {
		snprintf(text, sizeof text, "it could not be started: %.*s", STR(report->error));
		result.end = RUN_BROKEN;
	} else if (report->signal || report->code < 0) {
		snprintf(text, sizeof text, "signal %u ended it",
			 report->signal ? report->signal : SIGKILL);
		result.end = RUN_CRASHED;
	}
	if (result.end != RUN_DONE) {
		result.detail = str_of(text);
		result.output = STR_NONE;
	}
	run->task = NULL;
	run_end(run, &result);
	tool->run = NULL;
}

static void tool_settle(struct tool *tool)
{
	struct keeper_report report = { .code = -1 };
	struct arena arena = { 0 };

	if (desc_decode(&arena, &keeper_report_desc, buf_str(&tool->pieces[STREAM_REPORT].bytes),
			&report) < 0 ||
	    !report.is_told)
		report = (struct keeper_report){ .code = -1 };
	if (tool->run && tool->is_version) {
		version_keep(tool);
		for (size_t i = 0; i < STREAMS; i++)
			buf_release(&tool->pieces[i].bytes);
		child_release(tool->keeper);
		tool->keeper = NULL;
		tool->is_version = tool->has_left = tool->has_flooded = false;
		tool_start(tool);
	} else {
		if (tool->run)
			tool_tell(tool, &report);
		tool_free(tool);
	}
	arena_release(&arena);
}

/* Over is when the keeper has left, and all that was written is read. */
static void on_piece_closed(uv_handle_t *handle)
{
	struct tool *tool = ((struct piece *)handle->data)->tool;

	if (!--tool->closing && tool->has_left)
		tool_settle(tool);
}

static void piece_close(struct piece *piece)
{
	if (!piece->is_open)
		return;
	piece->is_open = false;
	uv_close((uv_handle_t *)&piece->pipe, on_piece_closed);
}

static void on_keeper_exit(struct child *child, struct child_exit how, void *data)
{
	struct tool *tool = data;

	(void)child;
	(void)how; /* its report says more; without one it was killed */
	tool->has_left = true;
	if (!tool->closing)
		tool_settle(tool);
}

/* ---- what it writes ---- */

static void on_room(uv_handle_t *handle, size_t suggested, uv_buf_t *ret)
{
	static char room[65536];

	(void)handle;
	(void)suggested;
	*ret = uv_buf_init(room, sizeof room);
}

static void on_read(uv_stream_t *stream, ssize_t got, const uv_buf_t *buffer)
{
	struct piece *piece = stream->data;
	struct tool *tool = piece->tool;
	size_t room = piece->most - piece->bytes.len;

	if (got < 0) {
		piece_close(piece);
		return;
	}
	buf_put(&piece->bytes, buffer->base, MIN((size_t)got, room));
	if ((size_t)got <= room)
		return;
	if (piece == &tool->pieces[STREAM_OUTPUT] && !tool->has_flooded) {
		tool->has_flooded = true;
		child_stop(tool->keeper, STOP_MS);
	} else if (piece == &tool->pieces[STREAM_ERRORS]) {
		piece->bytes.len = 0; /* its last line counts */
	}
}

/* ---- its start ---- */

static uint32_t time_of(const struct definition *definition)
{
	return definition->limits.time_ms ? definition->limits.time_ms : TIME_MS;
}

static struct str plan_make(struct tool *tool, struct arena *a)
{
	const struct runner_configuration *configuration = &tool->role->configuration;
	const struct definition_limits *limits = &tool->definition->limits;
	struct keeper_plan plan = {
		.argv = tool->argv.argv,
		.argv_count = tool->argv.count,
		.network = limits->network,
		.address = tool->argv.address,
		.port = (uint16_t)limits->port,
		.resolvers = configuration->resolvers,
		.resolver_count = configuration->resolver_count,
		.allow_networks = configuration->allow_networks,
		.allow_network_count = configuration->allow_network_count,
		.time_ms = time_of(tool->definition),
		.memory_bytes =
			limits->memory_bytes ? limits->memory_bytes : (uint64_t)MEMORY_MIB << 20,
		.processes = limits->processes ? limits->processes : PROCESSES,
		.reads = limits->reads,
		.read_count = limits->read_count,
		.temporary = str_of(tool->temporary),
		.authorities = tool->role->tools->authorities,
	};
	struct buf bytes;

	if (tool->is_version) {
		plan.argv = tool->definition->version_argv;
		plan.argv_count = tool->definition->version_argv_count;
		plan.network = DEFINITION_NETWORK_NONE;
		plan.time_ms = VERSION_TIME_MS;
	}
	plan.argv = memcpy(arena_array(a, plan.argv_count, sizeof *plan.argv), plan.argv,
			   plan.argv_count * sizeof *plan.argv);
	plan.argv[0] = str_of(tool->program);
	buf_init(&bytes, a);
	desc_encode(&bytes, &keeper_plan_desc, &plan);
	return buf_str(&bytes);
}

/* A file in memory: the keeper reads it to its end, and nobody waits for a pipe. */
static int plan_file(struct tool *tool)
{
	struct arena arena = { 0 };
	struct str plan = plan_make(tool, &arena);
	int fd = memfd_create("plan", MFD_CLOEXEC);

	if (fd >= 0 &&
	    (write(fd, plan.data, plan.len) != (ssize_t)plan.len || lseek(fd, 0, SEEK_SET) < 0)) {
		close(fd);
		fd = -1;
	}
	arena_release(&arena);
	return fd;
}

static int pieces_open(struct tool *tool, int ends[static STREAMS])
{
	static const size_t most[] = { OUTPUT_BYTES, ERRORS_BYTES, KEEPER_REPORT_BYTES };
	uint64_t wanted = tool->definition->limits.output_bytes;
	int fds[2];

	for (size_t i = 0; i < STREAMS; i++) {
		struct piece *piece = &tool->pieces[i];

		if (pipe2(fds, O_CLOEXEC) < 0)
			return -errno;
		ends[i] = fds[1];
		*piece = (struct piece){ .tool = tool, .most = most[i] };
		buf_init(&piece->bytes, NULL);
		if (uv_pipe_init(&tool->role->loop, &piece->pipe, 0) < 0)
			memory_exhausted();
		piece->pipe.data = piece;
		piece->is_open = true;
		tool->closing++;
		if (uv_pipe_open(&piece->pipe, fds[0]) < 0 ||
		    uv_read_start((uv_stream_t *)&piece->pipe, on_room, on_read) < 0)
			return -EIO;
	}
	if (wanted)
		tool->pieces[STREAM_OUTPUT].most = MIN(wanted, (uint64_t)OUTPUT_BYTES);
	return 0;
}

static int keeper_open(struct tool *tool, const int ends[static STREAMS], struct err *err)
{
	/* Not by its path: the rights to walk there may be gone. */
	const char *const argv[] = { "/proc/self/exe", "keeper", NULL };
	int plan = plan_file(tool), code;
	const struct child_descriptor descriptors[] = {
		{ ends[STREAM_OUTPUT], STDOUT_FILENO },
		{ ends[STREAM_ERRORS], STDERR_FILENO },
		{ plan, KEEPER_PLAN_FD },
		{ ends[STREAM_REPORT], KEEPER_REPORT_FD },
	};
	const struct child_settings settings = { .argv = argv,
						 .descriptors = descriptors,
						 .descriptor_count = ARRAY_COUNT(descriptors),
						 .has_own_group = true };

	if (plan < 0)
		return err_set(err, -errno, "memfd_create: %s", strerror(errno));
	code = child_start(&tool->role->loop, &settings, on_keeper_exit, tool, &tool->keeper, err);
	close(plan);
	return code;
}

static void tool_start(struct tool *tool)
{
	int ends[STREAMS] = { -1, -1, -1 }, code;
	struct err err = { 0 };

	code = pieces_open(tool, ends);
	if (code == 0)
		code = keeper_open(tool, ends, &err);
	for (size_t i = 0; i < STREAMS; i++)
		if (ends[i] >= 0)
			close(ends[i]);
	if (code == 0)
		return;
	/* With nobody to write, the pipes end, and then the tool has. */
	tool->has_left = true;
	tool->is_version = false;
	if (tool->run) {
		tool->run->task = NULL;
		run_fail(tool->run, RUN_BROKEN, "it could not be started: %s", err.text);
		tool->run = NULL;
	}
	for (size_t i = 0; i < STREAMS; i++)
		piece_close(&tool->pieces[i]);
	if (!tool->closing) /* not one could be made */
		tool_free(tool);
}

/* Where the keeper puts them, in the folder that is the tool's own. */
static struct str authorities_path(const struct runner_role *role)
{
	return role->tools->authorities.len ? STR_LIT(KEEPER_AUTHORITIES)
					    : STR_LIT(SYSTEM_AUTHORITIES);
}

static bool prepare(struct run *run, const struct definition *definition, struct tool_argv *argv,
		    char program[static PATH_BYTES])
{
	struct destination to;
	struct err err = { 0 };

	if (!definition)
		run_fail(run, RUN_MISSING, "no such tool is configured");
	else if (tool_argv_make(&run->arena, definition, &run->request, authorities_path(run->role),
				argv, &err) < 0)
		run_fail(run, RUN_DENIED, "%s", err.text);
	else if (address_is_set(&argv->address) &&
		 destination_approve(&run->role->egress, &argv->address, 1, &to) < 0)
		run_fail(run, RUN_DENIED, "the address policy denies the address");
	else if (!child_find_program(str_cstring(&run->arena, definition->argv[0]), program,
				     PATH_BYTES))
		run_fail(run, RUN_MISSING, "%.*s is not installed", STR(definition->argv[0]));
	else
		return true;
	return false;
}

static void start(struct run *run)
{
	struct runner_role *role = run->role;
	const struct definition *definition = definition_find(&role->configuration.definitions,
							      DEFINITION_TOOL, run->request.name);
	char program[PATH_BYTES];
	struct tool_argv argv;
	struct tool *tool;

	if (!prepare(run, definition, &argv, program))
		return;
	tool = memory_alloc(sizeof *tool);
	*tool = (struct tool){ .role = role, .run = run, .definition = definition, .argv = argv };
	memcpy(tool->program, program, sizeof program);
	role->tools->running++;
	run->task = tool;
	tool->is_version = definition->version_argv_count && !version_find(tool);
	if (!role->tools->has_namespaces) {
		snprintf(tool->temporary, sizeof tool->temporary, "/tmp/dss-tool-XXXXXX");
		if (!mkdtemp(tool->temporary))
			tool->temporary[0] = 0;
	}
	tool_start(tool);
}

/* It goes on ending by itself. */
static void cancel(struct run *run)
{
	struct tool *tool = run->task;

	tool->run = NULL;
	if (tool->keeper)
		child_stop(tool->keeper, STOP_MS);
}

static int authorities_read(struct tools *tools, struct str path, struct err *err)
{
	int fd = open(str_cstring(&tools->arena, path), O_RDONLY | O_CLOEXEC);
	ssize_t got = fd < 0 ? -1 : 1;
	struct buf text;

	buf_init(&text, &tools->arena);
	while (got > 0 && text.len < KEEPER_AUTHORITIES_BYTES) {
		got = read(fd, buf_reserve(&text, 16384), 16384);
		text.len += got > 0 ? (size_t)got : 0;
	}
	if (fd >= 0)
		close(fd);
	tools->authorities = buf_str(&text);
	return got ? err_set(err, -EIO, "%.*s: cannot be read", STR(path)) : 0;
}

int tools_prepare(struct runner_role *role, struct str ca_file, struct err *err)
{
	struct tools *tools = memory_alloc(sizeof *tools);

	*tools = (struct tools){ .running = 0 };
	role->tools = tools;
	tools->has_namespaces = cage_has_namespaces();
	return ca_file.len ? authorities_read(tools, ca_file, err) : 0;
}

size_t tools_running(const struct runner_role *role)
{
	return role->tools ? role->tools->running : 0;
}

void tools_close(struct runner_role *role)
{
	int64_t until = clock_monotonic_us() + STOP_MS * 1000ll;

	while (tools_running(role) && clock_monotonic_us() < until)
		uv_run(&role->loop, UV_RUN_ONCE);
}

const struct executor tool_executor = { .start = start, .cancel = cancel };
