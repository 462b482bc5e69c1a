/*
 * invoice.h
 *		The documents of invoices and credit notes.
 */
#ifndef PAYCORE_INVOICE_H
#define PAYCORE_INVOICE_H

#include "common/paycore.h"
#include "utils/jsonb.h"

/*
 * data as invoice_data() and credit_note_data() have it.  locale NULL: the
 * account's, else the seller's, else English.  logo: a data: URI or NULL; pay_url:
 * where it can be paid, or NULL.
 */
extern text *pc_invoice_html(const Jsonb *data, const char *locale, const char *logo, const char *pay_url);
extern text *pc_credit_note_html(const Jsonb *data, const char *locale, const char *logo);

/* Whether a document may link to it: https, and nothing but what addresses are made of. */
extern bool pc_is_pay_url(const char *url);

#endif							/* PAYCORE_INVOICE_H */
