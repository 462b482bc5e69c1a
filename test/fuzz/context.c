/*
 * context.c
 *		A memory context whose chunks the address sanitizer watches one by one.
 *
 * The server's own contexts cut chunks out of larger blocks, where a step
 * across a chunk's end, or into one that was freed, goes unseen.  Here all
 * but the bytes asked for is poisoned ("use-after-poison"), and what is freed
 * stays so.  Only 15 lets a context bring its own methods; later servers get
 * their usual one.
 */
#include "harness.h"

#include "utils/memutils.h"

#if PG_VERSION_NUM >= 160000

MemoryContext
fuzz_context(MemoryContext parent, const char *name)
{
	return AllocSetContextCreateInternal(parent, name, ALLOCSET_DEFAULT_SIZES);
}

#else

#include <sanitizer/asan_interface.h>

#include "nodes/memnodes.h"

#define OUTSIDE_OF_WATCH __attribute__((no_sanitize("address")))

#define BLOCK_SIZE	(1024 * 1024)
#define RED_ZONE	16

/* The server finds a chunk's context right in front of it. */
typedef struct Chunk
{
	Size		size;
	MemoryContext context;
} Chunk;

typedef struct Block
{
	struct Block *next;
	Size		size;
	Size		used;
} Block;

typedef struct WatchedContext
{
	MemoryContextData header;
	Block	   *block;			/* the newest; all behind it are full */
} WatchedContext;

static Block *
new_block(WatchedContext *context, Size needed)
{
	Size		size = Max(needed, BLOCK_SIZE);
	Block	   *block = malloc(sizeof(Block) + size);

	if (block == NULL)
		return NULL;
	*block = (Block) {.next = context->block, .size = size};
	ASAN_POISON_MEMORY_REGION(block + 1, size);
	context->header.mem_allocated += size;
	return context->block = block;
}

/* Places are not given twice before the next reset. */
static OUTSIDE_OF_WATCH void *
watched_alloc(MemoryContext context, Size size)
{
	WatchedContext *watched = (WatchedContext *) context;
	Block	   *block = watched->block;
	Size		needed = sizeof(Chunk) + MAXALIGN(size) + RED_ZONE;
	Chunk	   *chunk;

	if (block == NULL || block->size - block->used < needed)
		block = new_block(watched, needed);
	if (block == NULL)
		return NULL;
	chunk = (Chunk *) ((char *) (block + 1) + block->used);
	block->used += needed;
	chunk->size = size;
	chunk->context = context;
	ASAN_UNPOISON_MEMORY_REGION(chunk + 1, size);
	return chunk + 1;
}

static OUTSIDE_OF_WATCH Size
watched_space(MemoryContext context, void *pointer)
{
	return ((Chunk *) pointer - 1)->size;
}

/* Without its context, a chunk cannot be freed again. */
static OUTSIDE_OF_WATCH void
watched_free(MemoryContext context, void *pointer)
{
	((Chunk *) pointer - 1)->context = NULL;
	ASAN_POISON_MEMORY_REGION(pointer, watched_space(context, pointer));
}

/* Always moves, so that pointers to the old place are caught. */
static void *
watched_realloc(MemoryContext context, void *pointer, Size size)
{
	void	   *copy = watched_alloc(context, size);

	if (copy == NULL)
		return NULL;
	memcpy(copy, pointer, Min(size, watched_space(context, pointer)));
	watched_free(context, pointer);
	return copy;
}

/* Keeps the oldest block. */
static void
watched_reset(MemoryContext context)
{
	WatchedContext *watched = (WatchedContext *) context;
	Block	   *block = watched->block;

	while (block != NULL && block->next != NULL)
	{
		watched->block = block->next;
		context->mem_allocated -= block->size;
		free(block);
		block = watched->block;
	}
	if (block == NULL)
		return;
	ASAN_POISON_MEMORY_REGION(block + 1, block->used);
	block->used = 0;
}

static void
watched_delete(MemoryContext context)
{
	watched_reset(context);
	free(((WatchedContext *) context)->block);
	free(context);
}

static bool
watched_is_empty(MemoryContext context)
{
	return context->isReset;
}

static void
watched_stats(MemoryContext context, MemoryStatsPrintFunc print, void *passthru,
			  MemoryContextCounters *totals, bool to_stderr)
{
}

MemoryContext
fuzz_context(MemoryContext parent, const char *name)
{
	static const MemoryContextMethods methods = {
		.alloc = watched_alloc,
		.free_p = watched_free,
		.realloc = watched_realloc,
		.reset = watched_reset,
		.delete_context = watched_delete,
		.get_chunk_space = watched_space,
		.is_empty = watched_is_empty,
		.stats = watched_stats,
	};
	WatchedContext *watched = calloc(1, sizeof(WatchedContext));

	MemoryContextCreate((MemoryContext) watched, T_AllocSetContext, &methods, parent, name);
	return (MemoryContext) watched;
}

#endif
