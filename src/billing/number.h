/*
 * number.h
 *		What quantities, prices and rates may be.
 */
#ifndef PAYCORE_BILLING_NUMBER_H
#define PAYCORE_BILLING_NUMBER_H

#include "common/number.h"

/* So that sums and products of three stay exact, and quick. */
#define PC_NUMBER_DECIMALS	100

/*
 * Raises PY042 unless the number is finite, not below zero and has at most
 * PC_NUMBER_DECIMALS decimals.  The message names it: "what", "what 2" or
 * "what of whose 2"; nth 0 and whose NULL are left out.
 */
extern void pc_check_number(Datum number, const char *what, const char *whose, int nth);

/* Raises PY042, for the reason given; what and nth as above. */
pc_noreturn extern void pc_refuse_number(Datum number, const char *what, const char *whose, int nth,
										 const char *why, const char *hint) pg_attribute_cold;

#endif							/* PAYCORE_BILLING_NUMBER_H */
