/*
 * catalogue.h
 *		What the verbs of the catalogue share.
 */
#ifndef PAYCORE_CATALOGUE_CATALOGUE_H
#define PAYCORE_CATALOGUE_CATALOGUE_H

#include "api/api.h"

/* SET clauses of an UPDATE of row r by the changes $3: the column stays where they do not name it. */
#define CHANGED_TEXT(column)	#column " = CASE WHEN $3 ? '" #column "' THEN $3->>'" #column "' ELSE r." #column " END"
#define CHANGED_BOOL(column)	#column " = coalesce(($3->>'" #column "')::boolean, r." #column ")"
#define CHANGED_METADATA		"metadata = jsonb_strip_nulls(r.metadata || coalesce($3->'metadata', '{}'))"

/* A code is 1 to 100 characters without white space at its ends; PY042 otherwise. */
extern void cat_check_code(const char *code);

/* Raises PY042: there is one with this code already. */
pc_noreturn extern void cat_code_taken(const char *what, const char *code);

/* tax_rates.c: a numeric from 0 to 100 with at most 6 decimals; PY042 otherwise. */
extern void cat_check_percent(Datum percent, const char *name);

/* coupons.c: raises PY042 where details has a number below 1 under the key. */
extern void cat_check_at_least_one(const Jsonb *details, const char *key);

/* amounts.c: raises PY042 where it is not what create_price() takes as amounts. */
extern void cat_check_amounts(const Jsonb *amounts);

/* Adds them to a price, whose every currency must then come to an amount. */
extern void cat_add_amounts(const PcApiCall *call, const pg_uuid_t *price, Jsonb *amounts);
extern void cat_copy_amounts(const PcApiCall *call, const pg_uuid_t *from, const pg_uuid_t *to);

#endif							/* PAYCORE_CATALOGUE_CATALOGUE_H */
