/*
 * memory.c
 *		curl's allocator, and the buffers responses are collected in.
 *
 * malloc, because curl keeps memory for the life of the process and uses it
 * from its resolver thread.  Freed blocks are wiped: curl holds copies of the
 * request, and with it of the API key, in places we cannot reach.
 */
#include "http/internal.h"

#include <stddef.h>

#define HTTP_BUFFER_START 2048

/* Kept in front of every block, so that free knows how much to wipe. */
typedef union HttpBlock
{
	size_t		size;
	max_align_t align;
} HttpBlock;

static void *
http_malloc(size_t size)
{
	HttpBlock  *block;

	if (size > SIZE_MAX - sizeof(HttpBlock))
		return NULL;
	block = malloc(sizeof(HttpBlock) + size);
	if (block == NULL)
		return NULL;
	block->size = size;
	return block + 1;
}

static void
http_free(void *pointer)
{
	HttpBlock  *block;

	if (pointer == NULL)
		return;
	block = (HttpBlock *) pointer - 1;
	explicit_bzero(pointer, block->size);
	free(block);
}

/* realloc() might move a block and leave the old bytes behind. */
static void *
http_realloc(void *pointer, size_t size)
{
	void	   *moved = http_malloc(size);

	if (moved == NULL || pointer == NULL)
		return moved;
	memcpy(moved, pointer, Min(size, ((HttpBlock *) pointer - 1)->size));
	http_free(pointer);
	return moved;
}

static char *
http_strdup(const char *text)
{
	size_t		size = strlen(text) + 1;
	char	   *copy = http_malloc(size);

	return copy == NULL ? NULL : memcpy(copy, text, size);
}

static void *
http_calloc(size_t count, size_t size)
{
	void	   *pointer;

	if (size != 0 && count > SIZE_MAX / size)
		return NULL;
	pointer = http_malloc(count * size);
	return pointer == NULL ? NULL : memset(pointer, 0, count * size);
}

/*
 * Once per process, at the first pool and never in the postmaster.  Where
 * another library was first, curl keeps that one's allocator.
 */
CURLcode
http_global_init(void)
{
	static bool done = false;
	CURLcode	code;

	if (done)
		return CURLE_OK;
	code = curl_global_init_mem(CURL_GLOBAL_DEFAULT, http_malloc, http_free, http_realloc,
								http_strdup, http_calloc);
	done = (code == CURLE_OK);
	return code;
}

/* Appends; false where the cap is passed (errno EFBIG) or memory is out (ENOMEM). */
bool
http_buffer_add(HttpBuffer *buffer, const char *data, size_t len)
{
	if (len > buffer->cap - buffer->len)
	{
		errno = EFBIG;
		return false;
	}
	if (buffer->size - buffer->len <= len)
	{
		size_t		size = Max(buffer->size, HTTP_BUFFER_START);
		char	   *grown;

		while (size - buffer->len <= len)
			size *= 2;
		grown = realloc(buffer->data, size);
		if (grown == NULL)
		{
			errno = ENOMEM;
			return false;
		}
		buffer->data = grown;
		buffer->size = size;
	}
	memcpy(buffer->data + buffer->len, data, len);
	buffer->len += len;
	buffer->data[buffer->len] = '\0';
	return true;
}

/* Responses may carry a payer's client secret: wiped as well. */
void
http_buffer_free(HttpBuffer *buffer)
{
	if (buffer->data != NULL)
		explicit_bzero(buffer->data, buffer->len);
	free(buffer->data);
	buffer->data = NULL;
	buffer->len = buffer->size = 0;
}
