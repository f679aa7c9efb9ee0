#include "common/dump.h"

#include <errno.h>

static int
failed(void)
{
	return errno != 0 ? -errno : -EIO;
}

int
dump_json(FILE *out, json_t *o, size_t flags)
{
	int rc;

	errno = 0;
	rc = json_dumpf(o, out, flags);
	json_decref(o);
	return rc == 0 && putc('\n', out) != EOF ? 0 : failed();
}

int
dump_end(FILE *out)
{
	errno = 0;
	return fflush(out) == 0 && !ferror(out) ? 0 : failed();
}
