/*
 * catalogue.h
 *		What the verbs of the catalogue share.
 */
#ifndef PAYCORE_CATALOGUE_CATALOGUE_H
#define PAYCORE_CATALOGUE_CATALOGUE_H

#include "api/api.h"

/* products.c: a code that stands where an id may, and so is none; PY042 otherwise. */
extern void cat_check_code(const char *code);

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
