/*
 * tax.h
 *		Percentages of amounts.
 */
#ifndef PAYCORE_BILLING_TAX_H
#define PAYCORE_BILLING_TAX_H

#include "types/money.h"

/* A rate as an integer: percent in units of 10^-15, up to PC_MAX_PERCENT. */
#define PC_PERCENT			INT64CONST(1000000000000000)
#define PC_HUNDRED_PERCENT	(100 * PC_PERCENT)
#define PC_MAX_PERCENT		1000

/* Taxes on one amount, at most. */
#define PC_MAX_RATES		100

/* PY042 where the number is no rate; what and nth name it, as for pc_check_number(). */
extern int64 pc_read_percent(Datum rate, const char *what, int nth);

/*
 * The tax at each rate, rounded half up.  Exclusive: of the amount, each rate
 * by itself.  Inclusive: within the amount, at all rates together, split among
 * them by largest remainder.
 */
extern void pc_taxes(PcMoney amount, const int64 *rates, int count, bool inclusive, PcMoney *taxes);

#endif							/* PAYCORE_BILLING_TAX_H */
