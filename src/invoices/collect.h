/*
 * collect.h
 *		What the parts of collecting share.
 */
#ifndef PAYCORE_INVOICES_COLLECT_H
#define PAYCORE_INVOICES_COLLECT_H

#include "invoices/invoices.h"

/* charge.c: charges an invoice whose collection is due; what goes wrong parks it. */
extern void inv_collect_one(const PcApiCall *call, const pg_uuid_t *invoice, TimestampTz now);

#endif							/* PAYCORE_INVOICES_COLLECT_H */
