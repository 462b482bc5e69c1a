/*
 * logo.c
 *		What picture may stand in a document.
 */
#include "common/paycore.h"

#include "common/base64.h"
#include "documents/page.h"

/* The first bytes of each kind; SVG, which can hold scripts and links, is none of them. */
static const struct
{
	const char *prefix;
	const char *magic;
	int			length;
}			kinds[] = {
	{"data:image/png;base64,", "\x89PNG\r\n\x1a\n", 8},
	{"data:image/jpeg;base64,", "\xff\xd8\xff", 3},
	{"data:image/gif;base64,", "GIF8", 4},
	{"data:image/webp;base64,", "RIFF", 4},
};

bool
pc_is_logo(const char *uri)
{
	for (size_t i = 0; i < lengthof(kinds); i++)
	{
		const char *base64 = uri + strlen(kinds[i].prefix);
		char	   *bytes;
		int			length;

		if (strncmp(uri, kinds[i].prefix, strlen(kinds[i].prefix)) != 0)
			continue;
		if (strlen(base64) > PC_LOGO_MAX_BYTES / 3 * 4)
			return false;
		bytes = palloc(PC_LOGO_MAX_BYTES);
		length = pg_b64_decode(base64, (int) strlen(base64), (void *) bytes, PC_LOGO_MAX_BYTES);
		return length > kinds[i].length && memcmp(bytes, kinds[i].magic, kinds[i].length) == 0;
	}
	return false;
}
