/*
 * money_allocate.h
 *		Shares of an amount.
 */
#ifndef PAYCORE_MONEY_ALLOCATE_H
#define PAYCORE_MONEY_ALLOCATE_H

#include "types/money.h"
#include "utils/array.h"

#ifndef HAVE_INT128
#error "paycore needs 128-bit integers"
#endif

/*
 * By largest remainder; of equals, the first gets one more.  No weight is below
 * zero, and at least one is above.  One share for each weight.
 */
extern void pc_money_allocate(PcMoney m, const int64 *weights, int count, PcMoney *shares);

/*
 * m * part / whole in whole units, a half away from zero; PY006 outside the
 * range.  Part is below 2^74, whole above zero.
 */
extern PcMoney pc_money_fraction(PcMoney m, uint128 part, uint128 whole);

/* Amounts as the array that the function called returns; keeps its type in fn_extra. */
extern ArrayType *pc_money_array(FunctionCallInfo fcinfo, const PcMoney *amounts, int count);

#endif							/* PAYCORE_MONEY_ALLOCATE_H */
