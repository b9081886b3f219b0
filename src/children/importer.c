/* SPDX-License-Identifier: Apache-2.0 */
/* Which names does a zone hold, says a child that asked for it? */
#include "children/importer.h"

#include "children/process.h"

enum { LONGEST_NAME = 1024, EXIT_OF_USAGE = 2, EXIT_OF_SERVER = 3 };

struct importing {
	uv_loop_t loop;
	struct process *process;
	struct buf *out;
	struct importer_done done;
	bool is_done, is_gone;
	int code;
	struct err *err;
};

static const struct process_role role = { .name = "importer", .version = IMPORTER_PROTOCOL };

static bool is_name(struct str line)
{
	for (size_t i = 0; i < line.len; i++)
		if (line.data[i] <= ' ' || line.data[i] > '~')
			return false;
	return line.len && line.len <= LONGEST_NAME;
}

static int on_names(struct importing *importing, struct str text, struct err *err)
{
	struct str rest = str_first(text, text.len ? text.len - 1 : 0), line;

	if (!str_ends(text, STR_LIT("\n")) || text.len > IMPORTER_NAMES_BYTES)
		return err_set(err, ERR_SYNTAX, "its names cannot be read");
	if (importing->out->len + text.len > IMPORTER_BYTES)
		return err_set(err, ERR_LIMIT, "the zone's names have more than %d MiB",
			       IMPORTER_BYTES >> 20);
	while (str_split(&rest, '\n', &line))
		if (!is_name(line))
			return err_set(err, ERR_SYNTAX, "it says a name that is none");
	buf_put_str(importing->out, text);
	return 0;
}

static int frame_take(struct importing *importing, struct arena *a, const struct frame *frame,
		      struct err *err)
{
	struct importer_fatal fatal;
	struct importer_names names;

	if (frame->version != IMPORTER_PROTOCOL)
		return err_set(err, ERR_VERSION, "dss and dss-net are of different versions");
	if (frame->type == IMPORTER_FATAL &&
	    desc_decode(a, &importer_fatal_desc, frame->body, &fatal) == 0) {
		process_note_fatal(importing->process, fatal.exit_code, fatal.text);
		return 0;
	}
	if (frame->type == IMPORTER_NAMES && !importing->is_done &&
	    desc_decode(a, &importer_names_desc, frame->body, &names) == 0)
		return on_names(importing, names.text, err);
	if (frame->type == IMPORTER_DONE && !importing->is_done &&
	    desc_decode(a, &importer_done_desc, frame->body, &importing->done) == 0) {
		importing->is_done = true;
		return 0;
	}
	return err_set(err, ERR_SYNTAX, "a frame of type %u came out of turn", frame->type);
}

static int on_frame(void *data, const struct frame *frame, struct err *err)
{
	struct arena arena = { 0 };
	int code = frame_take(data, &arena, frame, err);

	arena_release(&arena);
	return code;
}

static void on_gone(void *data, int exit_code, bool is_crash, const char *why)
{
	struct importing *importing = data;

	importing->is_gone = true;
	if (exit_code == 0 && importing->is_done)
		importing->code = 0;
	else
		importing->code =
			err_set(importing->err,
				exit_code == EXIT_OF_SERVER && !is_crash  ? -ECONNABORTED
				: exit_code == EXIT_OF_USAGE && !is_crash ? -EINVAL
									  : -EIO,
				"%s", why && why[0] ? why : "the importer left too early");
}

static void on_handle(uv_handle_t *handle, void *data)
{
	if (!uv_is_closing(handle))
		uv_close(handle, NULL);
}

int importer_fetch(const struct importer_order *order, struct buf *out, struct importer_done *ret,
		   struct err *err)
{
	static const struct process_events events = { .on_frame = on_frame, .on_gone = on_gone };
	struct importing importing = { .out = out, .err = err };
	size_t before = out->len;
	int code;

	if (uv_loop_init(&importing.loop) < 0)
		return err_set(err, -EMFILE, "no descriptors for a loop are left");
	code = process_start(&importing.loop, &role, -1, &events, &importing, &importing.process,
			     err);
	if (code == 0) {
		process_send(importing.process, IMPORTER_FETCH, 0, &importer_order_desc, order);
		process_expect_end(importing.process);
		while (!importing.is_gone)
			uv_run(&importing.loop, UV_RUN_ONCE);
		process_close(importing.process);
		code = importing.code;
	}
	uv_walk(&importing.loop, on_handle, NULL);
	uv_run(&importing.loop, UV_RUN_DEFAULT);
	(void)uv_loop_close(&importing.loop);
	if (code < 0)
		out->len = before;
	else
		*ret = importing.done;
	return code;
}
