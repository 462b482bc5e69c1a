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
#include "common/int.h"
#include "types/currency.h"
#include "types/money_text.h"

typedef int64 PcMoney;

#define PC_MONEY_AMOUNT_BITS	54

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

static inline bool
pc_money_same_currency(PcMoney a, PcMoney b)
{
	return ((uint64) (a ^ b) >> PC_MONEY_AMOUNT_BITS) == 0;
}

#define DatumGetPcMoney(d)		DatumGetInt64(d)
#define PcMoneyGetDatum(m)		Int64GetDatum(m)
#define PG_GETARG_PC_MONEY(n)	DatumGetPcMoney(PG_GETARG_DATUM(n))
#define PG_RETURN_PC_MONEY(m)	return PcMoneyGetDatum(m)

/* Both raise: PY001 and PY006. */
pc_noreturn extern void pc_money_mismatch(PcMoney a, PcMoney b) pg_attribute_cold;
pc_noreturn extern void pc_money_overflow(PcCurrency currency) pg_attribute_cold;

/* Packs, or raises PY006 where the amount is out of range. */
extern PcMoney pc_money_make(PcCurrency currency, int64 amount);

/* Writes "12.34 USD" into buf (at least PC_MONEY_TEXT_LEN bytes) and returns it. */
extern char *pc_money_to_text(PcMoney m, char *buf);

/*
 * Sums and differences raise across currencies and outside the range.  At the
 * top of a word the amounts overflow where 54 bits do.
 */
static inline PcMoney
pc_money_add(PcMoney a, PcMoney b)
{
	const int	shift = 64 - PC_MONEY_AMOUNT_BITS;
	int64		sum;

	if (unlikely(!pc_money_same_currency(a, b)))
		pc_money_mismatch(a, b);
	if (unlikely(pg_add_s64_overflow((int64) ((uint64) a << shift), (int64) ((uint64) b << shift), &sum) ||
				 sum == PG_INT64_MIN))
		pc_money_overflow(pc_money_currency(a));
	return pc_money_pack(pc_money_currency(a), (int64) ((uint64) sum >> shift));
}

static inline PcMoney
pc_money_negate(PcMoney m)
{
	return pc_money_pack(pc_money_currency(m), -pc_money_amount(m));
}

static inline PcMoney
pc_money_subtract(PcMoney a, PcMoney b)
{
	if (unlikely(!pc_money_same_currency(a, b)))
		pc_money_mismatch(a, b);
	return pc_money_add(a, pc_money_negate(b));
}

/* The total order: currencies by their codes, then amounts.  Never raises. */
static inline int
pc_money_order(PcMoney a, PcMoney b)
{
	int64		x = pc_money_amount(a);
	int64		y = pc_money_amount(b);

	if (!pc_money_same_currency(a, b))
		return pc_currency_rank(pc_money_currency(a)) < pc_currency_rank(pc_money_currency(b)) ? -1 : 1;
	return (x > y) - (x < y);
}

/* Compares amounts of one currency; raises across two. */
static inline int
pc_money_compare(PcMoney a, PcMoney b)
{
	if (unlikely(!pc_money_same_currency(a, b)))
		pc_money_mismatch(a, b);
	return pc_money_order(a, b);
}

#endif							/* PAYCORE_MONEY_H */
