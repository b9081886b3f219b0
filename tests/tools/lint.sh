#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Can each step of lint fail? Plants a violation of every kind in a copy and looks for its line.
set -eu
cd "$(dirname "$0")/../.."
copy=$(mktemp -d)
trap 'rm -rf "$copy" "$copy.results"' EXIT
git ls-files -co --exclude-standard -- src/base tools/lint .clang-format .clang-tidy ARCHITECTURE.md |
	while read -r path; do [ ! -f "$path" ] || printf '%s\n' "$path"; done |
	tar -cf - -T - | tar -xf - -C "$copy"
git init -q "$copy"
results=$copy.results
: >"$results"

lint() {
	if [ -x "tools/lint/$1.py" ]; then
		LINT_ROOT=$copy "tools/lint/$1.py" 2>&1
	else
		LINT_ROOT=$copy "tools/lint/$1.sh" 2>&1
	fi
}

# In a file, because most plants stand at the end of a pipe.
count() {
	printf '%s\n' "$1" >>"$results"
	[ "$1" -eq 0 ] || printf 'FAILED %s\n' "$2"
}

# plant STEP PATH LINE WORDS, the file's text on stdin: STEP must fail and say PATH:LINE: … WORDS.
plant() {
	mkdir -p "$copy/$(dirname "$2")"
	cat >"$copy/$2"
	code=0
	said=$(lint "$1") || code=$?
	bad=1
	if [ "$code" -ne 0 ] && printf '%s\n' "$said" | grep -F "$2:$3" | grep -qF -- "$4"; then
		bad=0
	fi
	count $bad "$1 on $2 gives exit code $code and not \"$2:$3: … $4\", but: $said"
	rm "$copy/$2"
}

# A .c file with its two first lines, then the arguments, a line each.
source_file() {
	printf '/* %s */\n/* Is this line found? */\n' 'SPDX-License-Identifier: Apache-2.0'
	[ $# -eq 0 ] || printf '%s\n' "$@"
}

source_file '#include "net/socket.h"' >"$copy/allowed.c"
mkdir -p "$copy/src/net" "$copy/src/formats"
source_file >"$copy/src/net/socket.h"
plant layers src/formats/reader.c 3 'formats/ may not include from net/' <"$copy/allowed.c"
source_file '#include "socket.h"' | plant layers src/net/reader.c 3 'paths start at src/'
source_file | plant layers src/nowhere/reader.c 1 'no row'
source_file '#include "base/str.h"' '#include "net/socket.h"' | plant layers src/net/socket.c 3 'comes first'
# shellcheck disable=SC2016 # backquotes of Markdown
sed 's/^| `formats/| `shapes/' ARCHITECTURE.md | plant layers ARCHITECTURE.md 1 'table of layers'
cp ARCHITECTURE.md "$copy/"
rm -r "$copy/src/net" "$copy/allowed.c"

# One call of each row of the table, in a folder where it is not allowed.
while IFS= read -r row; do
	name=${row%% *}
	source_file 'void f(void)' '{' "	(void)$name(0);" '}' | plant calls src/formats/reader.c 5 "$name()"
done <<ROWS
$(grep -v '^#' tools/lint/calls)
ROWS
source_file '/* malloc(1) */' 'const char *f = "exit(1)";' 'int g = a.free(1);' >"$copy/src/formats/reader.c"
bad=0
lint calls >/dev/null || bad=1
count $bad 'calls finds a call in a comment, a string or a member'
rm "$copy/src/formats/reader.c"

source_file 'static const struct desc_field F[] = {' '	DESC_FIELD(1, DESC_STR, struct s, a),' \
	'	DESC_ARRAY(1, DESC_STR, struct s, b, b_count),' '};' |
	plant fields src/formats/reader.c 5 'uses number 1 again'

{ source_file && yes '' | head -n 1000; } | plant sizes src/formats/reader.c 1 'too long'
{ source_file 'void long_one(void)' '{' && yes '	;' | head -n 81 && printf '}\n'; } |
	plant sizes src/formats/reader.c 3 'long_one has 81 lines'

printf 'int a;\n' | plant words src/formats/reader.c 1 'the first line is'
source_file 'int a;' | sed 2d | plant words src/formats/reader.c 2 'second line'
printf '#!/bin/sh\n\n' | plant words tools/some.sh 1 SPDX
source_file | plant words src/formats/str_utils.c 1 'named after a noun'
source_file "/* TO""DO */" | plant words src/formats/reader.c 3 'unfinished work'
source_file "/* a st""ub */" | plant words src/formats/reader.c 3 'unfinished work'
source_file '/* in the fake internet */' | plant words src/formats/reader.c 3 'no test world'
printf '#!/bin/sh\n# %s\nfalse || tr''ue\n' 'SPDX-License-Identifier: Apache-2.0' |
	plant words tests/some.sh 3 'without its command'
printf 'as #123 says\n' | plant words README.md 1 'not its number'

source_file 'const char *a[] = { "one", "two", "three", "four", "five", "six" };' \
	'int between;' 'const char *b[] = { "zero", "one", "two", "three", "four", "five", "six" };' |
	plant twice src/formats/reader.c 5 'strings in a row'
{
	source_file 'void f(void)' '{'
	seq -f '	call(%g);' 20
	printf '}\n'
	printf 'void g(void)\n{\n'
	seq -f '	call(%g);' 20
	printf '}\n'
} | plant twice src/formats/reader.c 28 'lines of code'

source_file '#ifndef READER' '#define READER' '#endif' | plant headers src/formats/reader.h 1 DSS_FORMATS_READER_H
source_file '#ifndef DSS_FORMATS_READER_H' '#define DSS_FORMATS_READER_H' 'int nobody_calls(int a);' '#endif' |
	plant headers src/formats/reader.h 5 'nobody_calls()'

{ cat docs/checks.md && printf 'one line more\n'; } | plant reference docs/checks.md '' 'one line more'

# shellcheck disable=SC2016 # what shellcheck is to find
printf '#!/bin/sh\n# %s\necho $1\n' 'SPDX-License-Identifier: Apache-2.0' | plant shell tools/some.sh 3 SC2086
source_file 'int  a ;' | plant format src/formats/reader.c 3 clang-format
source_file 'int f(int a);' 'int f(int a)' '{' '	int b[2] = { 0 };' '	return b[a ? 2 : 3];' '}' |
	plant cppcheck src/formats/reader.c 7 arrayIndexOutOfBounds
source_file 'int f(int a)' '{' '	int b;' '	if (a)' '		b = 1;' '	return b;' '}' |
	plant tidy src/formats/reader.c 8 clang-analyzer-core
source_file 'double f(int a)' '{' '	return 0.5 + a / 2;' '}' |
	plant tidy src/formats/reader.c 5 bugprone

passed=$(grep -c '^0$' "$results") || passed=0
failed=$(grep -vc '^0$' "$results") || failed=0
printf '%d passed, %d failed\n' "$passed" "$failed"
[ "$failed" -eq 0 ]
