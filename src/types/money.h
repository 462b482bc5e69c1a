/*
 * money.h
 *		money_cents: eight bytes by value, a currency and a signed count of its
 *		minor units.
 *
 * The top ten bits hold the ISO 4217 numeric code, the lower 54 a signed
 * amount.  Amounts stay within +-(2^53 - 1), which every JSON reader holds
 * exactly; the one remaining 54-bit pattern is never stored.
 */
#ifndef PAYCORE_MONEY_H
#define PAYCORE_MONEY_H

#include "common/paycore.h"
#include "types/currency.h"

typedef int64 PcMoney;

#define PC_MONEY_AMOUNT_BITS	54
#define PC_MONEY_MAX			((INT64CONST(1) << 53) - 1)

static inline PcCurrency
pc_money_currency(PcMoney m)
{
	return (PcCurrency) ((uint64) m >> PC_MONEY_AMOUNT_BITS);
}

static inline int64
pc_money_amount(PcMoney m)
{
	return (int64) ((uint64) m << (64 - PC_MONEY_AMOUNT_BITS)) >> (64 - PC_MONEY_AMOUNT_BITS);
}

static inline bool
pc_money_in_range(int64 amount)
{
	return amount >= -PC_MONEY_MAX && amount <= PC_MONEY_MAX;
}

/* The caller has checked the range. */
static inline PcMoney
pc_money_pack(PcCurrency currency, int64 amount)
{
	return (PcMoney) (((uint64) currency << PC_MONEY_AMOUNT_BITS) |
					  ((uint64) amount & ((UINT64CONST(1) << PC_MONEY_AMOUNT_BITS) - 1)));
}

#define DatumGetPcMoney(d)		DatumGetInt64(d)
#define PcMoneyGetDatum(m)		Int64GetDatum(m)
#define PG_GETARG_PC_MONEY(n)	DatumGetPcMoney(PG_GETARG_DATUM(n))
#define PG_RETURN_PC_MONEY(m)	return PcMoneyGetDatum(m)

/* Packs, or raises PY006 where the amount is out of range. */
extern PcMoney pc_money_make(PcCurrency currency, int64 amount);

/* Writes "12.34 USD" into buf (at least PC_MONEY_TEXT_LEN bytes) and returns it. */
#define PC_MONEY_TEXT_LEN	32
extern char *pc_money_to_text(PcMoney m, char *buf);

#endif							/* PAYCORE_MONEY_H */
