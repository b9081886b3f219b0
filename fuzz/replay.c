/* SPDX-License-Identifier: Apache-2.0 */
/* Do the seeds of a fuzz target run without a crash, where there is no libFuzzer? */
#include "base/str.h"

#include <dirent.h>
#include <sys/stat.h>

enum { SEED_BYTES = 4 * 1024 * 1024 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void replay(const char *path)
{
	FILE *file = fopen(path, "rb");
	uint8_t *data = malloc(SEED_BYTES), *exact;
	size_t size;

	if (!file || !data)
		abort();
	size = fread(data, 1, SEED_BYTES, file);
	fclose(file);
	exact = malloc(size + !size); /* so that ASan sees the end */
	if (!exact)
		abort();
	memcpy(exact, data, size);
	free(data);
	LLVMFuzzerTestOneInput(exact, size);
	free(exact);
}

/* Folders of seeds are flat; the sum line is what ./dev test counts. */
int main(int argc, char **argv)
{
	unsigned passed = 0;
	DIR *folder = argc == 2 ? opendir(argv[1]) : NULL;
	struct dirent *entry;
	char path[4096];

	if (!folder) {
		printf("no folder of seeds: %s\n", argc == 2 ? argv[1] : "(not named)");
		return 1;
	}
	while ((entry = readdir(folder))) {
		struct stat status;

		snprintf(path, sizeof path, "%s/%s", argv[1], entry->d_name);
		if (stat(path, &status) == 0 && S_ISREG(status.st_mode)) {
			printf("%s\n", path); /* the last one named is the one that crashed */
			fflush(stdout);
			replay(path);
			passed++;
		}
	}
	closedir(folder);
	printf("%u passed, 0 failed\n", passed);
	return 0;
}
