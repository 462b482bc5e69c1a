/*
 * bill.h
 *		What invoices and credit notes share: lines, taxes, sums.
 */
#ifndef PAYCORE_BILL_H
#define PAYCORE_BILL_H

#include "documents/page.h"

/* A document that is being written, and what it says. */
typedef struct PcBill
{
	PcPage		page;
	const Jsonb *data;
	bool		with_prices;	/* a column of unit prices */
	bool		with_taxes;
	bool		with_discounts; /* not all lines have the same ones: each says its own */
} PcBill;

/* Up to and with the parties; what is between header and parties is written by facts. */
extern void pc_bill_begin(PcBill *bill, const Jsonb *data, const char *locale, const char *logo, PcLabel title,
						  void (*facts) (PcBill *bill));
extern text *pc_bill_end(PcBill *bill);

/* The table: its lines, its sums up to the total; then further sums may follow. */
extern void pc_bill_lines(PcBill *bill);
extern void pc_bill_sum(PcBill *bill, const char *class, const char *label, const char *note, PcMoney amount);
extern void pc_bill_lines_end(PcBill *bill);

/* Why no tax is asked for, and what else the tax rates and the document have to say. */
extern void pc_bill_notes(PcBill *bill);

/* Values of data; 0 where they are absent. */
extern PcMoney pc_bill_money(const Jsonb *data, const char *key);
extern TimestampTz pc_bill_time(const Jsonb *data, const char *key);

#endif							/* PAYCORE_BILL_H */
