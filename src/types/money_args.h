/*
 * money_args.h
 *		Money among the arguments of a kept plan and the columns of its result.
 */
#ifndef PAYCORE_MONEY_ARGS_H
#define PAYCORE_MONEY_ARGS_H

#include "common/args.h"
#include "types/money.h"

/* No currency is null. */
static inline void
pc_arg_money(PcArgs *a, PcMoney money)
{
	pc_arg(a, PcMoneyGetDatum(money), pc_money_currency(money) == 0);
}

/* 0 where null. */
static inline PcMoney
pc_get_money(uint64 r, int column)
{
	bool		isnull;
	Datum		value = pc_get(r, column, &isnull);

	return isnull ? 0 : DatumGetPcMoney(value);
}

#endif							/* PAYCORE_MONEY_ARGS_H */
