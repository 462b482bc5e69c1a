/*
 * form.h
 *		application/x-www-form-urlencoded, nested as a[b][0]=c.
 */
#ifndef PAYCORE_FORM_H
#define PAYCORE_FORM_H

#include "common/paycore.h"
#include "lib/stringinfo.h"
#include "utils/jsonb.h"

/* problem is set once and for all by the first value that cannot be sent. */
typedef struct GwForm
{
	StringInfoData text;
	const char *problem;
} GwForm;

extern void gw_form_init(GwForm *form);

/* The name goes out as it is: "expand[0]".  A null value is skipped. */
extern void gw_form_add(GwForm *form, const char *name, const char *value);
extern void gw_form_add_int64(GwForm *form, const char *name, int64 value);

/* Objects and arrays nest below the name; null, {} and [] unset it. */
extern void gw_form_add_value(GwForm *form, const char *name, const JsonbValue *value);

/*
 * What is wrong with a key, NULL = nothing: with brackets of its own it would
 * reach into parameters that are not its, and a[] is one more item of a list.
 */
extern const char *gw_form_key_problem(const char *key);

/* Whether the name, or one nested in it, is there already. */
extern bool gw_form_has(const GwForm *form, const char *name);

/* Percent-encodes as UTF-8 all but letters, digits and -._~ */
extern char *gw_percent_encode(const char *text);

#endif							/* PAYCORE_FORM_H */
