/*
 * money_allocate.h
 *		Splits an amount by weights, so that the shares add up to it exactly.
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

/* Amounts as the array that the function called returns; keeps its type in fn_extra. */
extern ArrayType *pc_money_array(FunctionCallInfo fcinfo, const PcMoney *amounts, int count);

#endif							/* PAYCORE_MONEY_ALLOCATE_H */
