/* SPDX-License-Identifier: Apache-2.0 */
/* How is the API written down for people? One page from the table of routes, without any script. */
#include "roles/api/request.h"

#include "base/html.h"
#include "roles/api/routes.h"

static const char head[] =
	"<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
	"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
	"<meta name=\"color-scheme\" content=\"light dark\">\n"
	"<title>DSS API reference</title>\n"
	"<link rel=\"stylesheet\" href=\"/docs/style.css\">\n</head>\n<body>\n"
	"<header><h1>DSS API reference</h1>\n"
	"<p>Version " DSS_VERSION ". For programs: <a href=\"/openapi.json\">/openapi.json</a> "
	"(OpenAPI 3.1).</p></header>\n";

static const char basics[] =
	"<section id=\"basics\"><h2>Basics</h2>\n<ul>\n"
	"<li>Send <code>Authorization: Bearer dss_…</code>; <code>dss keys "
	"create</code> makes a key.</li>\n"
	"<li>Bodies are JSON in UTF-8, at most 1 MiB. Fields that a route "
	"does not know are refused; "
	"fields of answers that you do not know are to be ignored.</li>\n"
	"<li>Names are A-labels in lower case; other forms are redirected "
	"there. Times are RFC 3339 in "
	"UTC.</li>\n"
	"<li>Lists come in pages: go on with <code>next_cursor</code>, or "
	"with the <code>Link</code> "
	"header. <code>Accept: application/x-ndjson</code> or "
	"<code>text/csv</code> gives all of it.</li>\n"
	"<li>Objects have an <code>ETag</code>: send it in "
	"<code>If-None-Match</code> to be told 304, "
	"in <code>If-Match</code> when you change them.</li>\n"
	"<li>Admins of the workspace <code>default</code> work inside of another one by sending "
	"<code>Dss-Workspace</code> with its name.</li>\n"
	"<li>Every answer has <code>X-Request-Id</code> and "
	"<code>traceparent</code>; yours are taken when "
	"you send them.</li>\n</ul></section>\n";

static void put_text(struct buf *out, const char *text)
{
	html_put(out, str_of(text));
}

/* What stands behind the base path: "checks"; STR_NONE for operations. */
static struct str group_of(const struct route *route)
{
	struct str path = str_of(route->path), group;

	if (!str_starts(path, STR_LIT(API_BASE "/")))
		return STR_LIT("operations");
	path = str_from(path, sizeof API_BASE);
	return str_split(&path, '/', &group) ? group : STR_NONE;
}

static bool is_first_of_group(const struct route *route)
{
	for (const struct route *before = routes; before < route; before++)
		if (str_eq(group_of(before), group_of(route)))
			return false;
	return true;
}

static void put_field(struct buf *out, const struct field *field)
{
	static const char *const places[] = { "body", "query", "path" };
	struct buf rule;

	buf_put_lit(out, "<tr><th scope=\"row\"><code>");
	put_text(out, field->name);
	buf_put_lit(out, "</code></th><td>");
	put_text(out, places[field->in]);
	buf_put_lit(out, "</td><td>");
	put_text(out, field->help);
	buf_put_lit(out, "<br><small>");
	if (field->flags & FIELD_LIST)
		buf_put_lit(out, "list, each ");
	buf_init(&rule, NULL);
	field_put_rule(&rule, field);
	html_put(out, buf_str(&rule));
	buf_release(&rule);
	if (field->flags & FIELD_REQUIRED)
		buf_put_lit(out, "; required");
	if (field->flags & FIELD_NULLABLE)
		buf_put_lit(out, "; null takes it away");
	if (field->fallback) {
		buf_put_lit(out, "; default ");
		put_text(out, field->fallback);
	}
	if (field->example) {
		buf_put_lit(out, "; for example ");
		put_text(out, field->example);
	}
	buf_put_lit(out, "</small></td></tr>\n");
}

static void put_fields(struct buf *out, const struct field *fields)
{
	if (!fields || !fields->name)
		return;
	buf_put_lit(out, "<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"Fields\">"
			 "<table><thead><tr><th scope=\"col\">Field</th><th scope=\"col\">In</th>"
			 "<th scope=\"col\">Meaning</th></tr></thead><tbody>\n");
	for (; fields->name; fields++)
		put_field(out, fields);
	buf_put_lit(out, "</tbody></table></div>\n");
}

static void put_shape(struct buf *out, const struct desc *shape)
{
	if (!shape)
		return;
	buf_put_lit(out, "<p>Answers with ");
	for (size_t i = 0, shown = 0; i < shape->field_count; i++) {
		if (shape->fields[i].flags & DESC_HIDDEN)
			continue;
		buf_put_str(out, shown++ ? STR_LIT(", <code>") : STR_LIT("<code>"));
		put_text(out, shape->fields[i].name);
		buf_put_lit(out, "</code>");
	}
	buf_put_lit(out, ".</p>\n");
}

static void put_access(struct buf *out, const struct access *access)
{
	if (access->is_public)
		buf_put_lit(out, "<p>For everybody. ");
	else if (access->is_personal)
		buf_put_lit(out, "<p>For people with a session. ");
	else if (access->scope)
		buf_printf(out, "<p>Needs <code>%s</code>. ",
			   scope_word((enum scope)access->scope));
}

static void put_codes(struct buf *out, const struct route *route)
{
	put_access(out, &route->access);
	buf_printf(out, "Status <b>%u</b>", route->success);
	for (size_t i = 0; i < OPERATION_CODES && route->operation->codes[i]; i++)
		buf_printf(out, ", %u", route->operation->codes[i]);
	buf_put_lit(out, ".</p>\n");
}

static void put_route(struct buf *out, const struct route *route)
{
	const struct operation *operation = route->operation;

	buf_printf(out, "<article id=\"%s\"><h3><b class=\"%s\">%s</b> <code>", route->name,
		   method_words[route->method], method_words[route->method]);
	put_text(out, route->path);
	buf_put_lit(out, "</code></h3>\n<p>");
	put_text(out, route->summary);
	buf_put_lit(out, ".");
	if (operation->help) {
		buf_put_char(out, ' ');
		put_text(out, operation->help);
	}
	buf_put_lit(out, "</p>\n");
	put_fields(out, operation->fields);
	put_shape(out, operation->shape);
	put_codes(out, route);
	buf_put_lit(out, "</article>\n");
}

static void put_groups(struct buf *out)
{
	buf_put_lit(out, "<nav aria-label=\"Resources\"><ul>\n");
	for (const struct route *route = routes; route->name; route++)
		if (is_first_of_group(route))
			buf_printf(out, "<li><a href=\"#group-%.*s\">%.*s</a></li>\n",
				   STR(group_of(route)), STR(group_of(route)));
	buf_put_lit(out, "<li><a href=\"#problems\">problems</a></li></ul></nav>\n<main>\n");
	buf_put_str(out, str_of(basics));
	for (const struct route *first = routes; first->name; first++) {
		if (!is_first_of_group(first))
			continue;
		buf_printf(out, "<section id=\"group-%.*s\"><h2>%.*s</h2>\n", STR(group_of(first)),
			   STR(group_of(first)));
		for (const struct route *route = first; route->name; route++)
			if (str_eq(group_of(route), group_of(first)))
				put_route(out, route);
		buf_put_lit(out, "</section>\n");
	}
}

static void put_problems(struct buf *out)
{
	buf_put_lit(out,
		    "<section id=\"problems\"><h2>Problems</h2>\n<p>Answers of 400 and above are "
		    "<code>application/problem+json</code> (RFC 9457); <code>errors</code> names "
		    "each member or parameter that is wrong.</p>\n<dl>\n");
	for (size_t i = 0; i < PROBLEM_KINDS; i++) {
		buf_printf(out, "<dt id=\"problem-%s\"><b>%u</b> %s</dt><dd>", problem_rows[i].slug,
			   problem_rows[i].status, problem_rows[i].slug);
		put_text(out, problem_rows[i].title);
		buf_put_lit(out, ". ");
		put_text(out, problem_rows[i].advice);
		buf_put_lit(out, "</dd>\n");
	}
	buf_put_lit(out, "</dl></section>\n");
}

static int docs_answer(struct request *r)
{
	buf_put_str(&r->out, str_of(head));
	put_groups(&r->out);
	put_problems(&r->out);
	buf_put_lit(&r->out, "</main>\n</body>\n</html>\n");
	return answer_text(r, 200, r->route->operation->media);
}

const struct operation operation_docs = {
	.handle = docs_answer,
	.media = "text/html; charset=utf-8",
};

static const char style[] =
	":root{color-scheme:light dark;--ink:#1b1f24;--paper:#fff;--soft:#f3f5f7;--line:#c9d0d8;"
	"--link:#0b57b0;--quiet:#4d5763}\n"
	"@media(prefers-color-scheme:dark){:root{--ink:#e6e9ed;--paper:#14171b;--soft:#1e2329;"
	"--line:#3a434d;--link:#82b7ff;--quiet:#a9b4c0}}\n"
	"*{box-sizing:border-box}\n"
	"body{margin:0 auto;max-width:60rem;padding:1rem;background:var(--paper);color:var(--ink);"
	"font:1rem/1.5 system-ui,sans-serif;overflow-wrap:anywhere}\n"
	"h1{font-size:1.6rem;margin:.5rem 0}h2{margin:2rem 0 .5rem;border-bottom:1px solid "
	"var(--line)}\n"
	"h3{font-size:1rem;margin:0 0 .5rem}a{color:var(--link)}\n"
	"nav ul{display:flex;flex-wrap:wrap;gap:.25rem 1rem;padding:0;list-style:none}\n"
	"nav a{display:inline-block;padding:.25rem 0}\n"
	"article{margin:1rem 0;padding:.75rem 1rem;background:var(--soft);border:1px solid "
	"var(--line);"
	"border-radius:.5rem}article p{margin:.5rem 0}\n"
	"code{font:.92em ui-monospace,monospace}small{color:var(--quiet)}\n"
	"h3 b{display:inline-block;min-width:4rem}\n"
	"td{overflow-wrap:normal}td:nth-child(2){white-space:nowrap}\n"
	".wide{overflow-x:auto}table{border-collapse:collapse;width:100%}\n"
	"th,td{padding:.35rem .75rem .35rem 0;text-align:left;vertical-align:top;"
	"border-top:1px solid var(--line);font-weight:normal}thead th{color:var(--quiet)}\n"
	"dt{margin-top:.75rem}dd{margin:0 0 0 1rem}\n"
	"@media print{nav{display:none}article{break-inside:avoid}}\n";

static int style_answer(struct request *r)
{
	buf_put_str(&r->out, str_of(style));
	return answer_text(r, 200, r->route->operation->media);
}

const struct operation operation_docs_style = {
	.handle = style_answer,
	.media = "text/css; charset=utf-8",
};
