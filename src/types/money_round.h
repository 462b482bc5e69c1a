/*
 * money_round.h
 *		Between money and numeric, with rounding that the caller names.
 */
#ifndef PAYCORE_MONEY_ROUND_H
#define PAYCORE_MONEY_ROUND_H

#include "types/money.h"

typedef enum PcRounding
{
	PC_ROUND_HALF_UP,			/* a half goes away from zero, as on invoices */
	PC_ROUND_HALF_EVEN,
	PC_ROUND_HALF_DOWN,
	PC_ROUND_UP,				/* away from zero */
	PC_ROUND_DOWN,				/* towards zero */
	PC_ROUND_CEILING,
	PC_ROUND_FLOOR
} PcRounding;

/* Raises PY042 where there is no such mode. */
extern PcRounding pc_rounding_by_name(const text *name);

/* A finite numeric of major units, in a currency that has minor ones; PY006 outside the range. */
extern PcMoney pc_round_money(Datum major_units, PcCurrency currency, PcRounding rounding);

/* Major units, as a numeric with the decimals of the currency. */
extern Datum pc_money_to_number(PcMoney m);

#endif							/* PAYCORE_MONEY_ROUND_H */
