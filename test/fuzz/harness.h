/*
 * harness.h
 *		What the fuzz targets share.
 *
 * A target is paycore's own code, instrumented, on top of the real server
 * (test/fuzz/server-library): its palloc, ereport, jsonb and numeric.  Each
 * run has a memory context of its own.
 */
#ifndef FUZZ_HARNESS_H
#define FUZZ_HARNESS_H

#include "common/paycore.h"
#include "common/json.h"

/*
 * The target.  An error that it lets go is a finding, as is whatever it leaves
 * behind outside of the current memory context.
 */
extern void fuzz_one(const char *data, size_t size);

/* A property that must hold, whatever the input. */
#define must(condition) \
	((condition) ? (void) 0 : fuzz_finding(__FILE__, __LINE__, #condition))
pc_noreturn extern void fuzz_finding(const char *file, int line, const char *what);

/* Runs call(argument) and gives the SQLSTATE that it raised, 0 = none. */
extern int	fuzz_sqlstate(void (*call) (void *argument), void *argument);

/* A copy that ends with a NUL (the first in data, or one after its end). */
extern char *fuzz_text(const char *data, size_t size);

/*
 * Splits data into its first line (a copy; without the line's end) and what
 * follows it, left in *rest.
 */
extern char *fuzz_first_line(const char *data, size_t size, const char **rest, size_t *rest_size);

/* Whether this input is one of the quarter that gets the dear checks. */
extern bool fuzz_chosen(const char *data, size_t size);

/* As a fresh block of exactly this size, so that any step beyond is seen. */
extern char *fuzz_exact(const char *data, size_t size);

/* Well-formed, in the server's encoding, and the same when written and read again. */
extern void fuzz_check_jsonb(const Jsonb *json);
extern char *fuzz_jsonb_text(const Jsonb *json);
extern Jsonb *fuzz_jsonb(const char *text);
extern bool fuzz_same_jsonb(const Jsonb *a, const Jsonb *b);

/* context.c: a memory context whose chunks the address sanitizer watches one by one. */
extern MemoryContext fuzz_context(MemoryContext parent, const char *name);

#endif							/* FUZZ_HARNESS_H */
