/*
 * json.h
 *		Reading and building jsonb from C without ceremony.
 */
#ifndef PAYCORE_JSON_H
#define PAYCORE_JSON_H

#include "common/paycore.h"
#include "utils/jsonb.h"

/* What pc_json_parse() takes at most. */
#define PC_JSON_MAX_SIZE	(16 * 1024 * 1024)
#define PC_JSON_MAX_DEPTH	64

/*
 * Parses text of a given length.  Returns NULL instead of raising where it is
 * not UTF-8 or not JSON, too long, too deep, or has a number with an exponent
 * beyond three digits; *why (static) then says which, without quoting the text.
 * \u0000 (which jsonb cannot hold) and halves of surrogate pairs are read as U+FFFD.
 */
extern Jsonb *pc_json_parse(const char *text, size_t len, const char **why);

/*
 * All readers below take NULL for json, and read a value of another type than
 * the one asked for as absent.
 */

/* Value at a path of object keys, ended by NULL, e.g. "last_payment_error", "code", NULL.  NULL = absent or null. */
extern JsonbValue *pc_json_path(const Jsonb *json, const char *first,...);

extern char *pc_json_text(const Jsonb *json, const char *key);					/* string, or number/boolean as text */
extern char *pc_json_string(const Jsonb *json, const char *key);				/* string only */
extern char *pc_json_value_text(const JsonbValue *value);						/* as pc_json_text() */
extern char *pc_json_text2(const Jsonb *json, const char *key, const char *key2);	/* one level down */
extern bool pc_json_int64(const Jsonb *json, const char *key, int64 *out);
extern bool pc_json_bool(const Jsonb *json, const char *key, bool dflt);
extern Jsonb *pc_json_object(const Jsonb *json, const char *key);				/* object or array, else NULL */
extern int	pc_json_array_length(const Jsonb *json);
extern Jsonb *pc_json_element(const Jsonb *json, int index);					/* object element, else NULL */

/* A copy in which every key client_secret, at any depth, is null. */
extern Jsonb *pc_json_redact(const Jsonb *json);

/* Builder: begin, add, end. Null text is skipped. */
typedef struct PcJsonBuilder
{
	PcJsonbState state;
} PcJsonBuilder;

extern void pc_json_begin(PcJsonBuilder *b);
extern void pc_json_add_text(PcJsonBuilder *b, const char *key, const char *value);
extern void pc_json_add_int64(PcJsonBuilder *b, const char *key, int64 value);
extern void pc_json_add_bool(PcJsonBuilder *b, const char *key, bool value);
extern void pc_json_add_json(PcJsonBuilder *b, const char *key, const Jsonb *value);
extern Jsonb *pc_json_end(PcJsonBuilder *b);

/* {}; nobody's to change. */
extern const Jsonb *pc_json_empty(void);

/* An array of the given values. */
extern Jsonb *pc_json_array(const Jsonb *const *items, int nitems);

#endif							/* PAYCORE_JSON_H */
