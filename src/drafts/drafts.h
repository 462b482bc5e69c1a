/*
 * drafts.h
 *		What the verbs of drafts share: invoices that are written by hand, until
 *		they are final.
 *
 * The lines of a draft are extra charges that are bound to it; what they come
 * to is said by the statements of the billing run.
 */
#ifndef PAYCORE_DRAFTS_DRAFTS_H
#define PAYCORE_DRAFTS_DRAFTS_H

#include "api/api.h"
#include "invoices/invoices.h"

#define DRAFT_MAX_LINES 10000

typedef struct Draft
{
	pg_uuid_t	id;
	pg_uuid_t	account;
	PcCurrency	currency;
} Draft;

/* row.c: locks it; PY040 where there is none, PY030 where it is final or discarded; verb: "changed". */
extern void draft_lock(const PcApiCall *call, const pg_uuid_t *id, const char *verb, Draft *draft);

/* row.c: PY060 where its account is not active any more. */
extern void draft_check_account(const PcApiCall *call, const Draft *draft);

/* row.c: the ids of its lines, uuid[]. */
extern Datum draft_line_ids(const PcApiCall *call, const Draft *draft);

/* row.c: the draft says what its lines come to, with the discounts and taxes of now. */
extern void draft_sum(const PcApiCall *call, const Draft *draft);

/* lines.c: raises PY042 where lines are not those of an invoice. */
extern void draft_check_lines(const Jsonb *lines);

/* lines.c: adds checked lines; the only one is to have that id (NULL: any). */
extern void draft_add_lines(const PcApiCall *call, const Draft *draft, const Jsonb *lines, const pg_uuid_t *id);

/* lines.c: PY042 where period_start and period_end in an object are no period. */
extern void draft_check_period(const Jsonb *given);

#endif							/* PAYCORE_DRAFTS_DRAFTS_H */
