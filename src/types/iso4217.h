/*
 * iso4217.h
 *		The table of currencies, free of PostgreSQL.
 *
 * A currency is stored as its ISO 4217 number.  A withdrawn code whose number
 * went on to its successor (ANG, XCG) is stored under one above 999.
 */
#ifndef PAYCORE_ISO4217_H
#define PAYCORE_ISO4217_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint16_t PcCurrency;

typedef struct PcCurrencyInfo
{
	PcCurrency	numeric_code;	/* as stored */
	uint16_t	iso_number;
	char		code[4];
	int8_t		exponent;		/* decimals of a minor unit; -1 = none (metals, test codes) */
	bool		withdrawn;		/* read from old rows and gateways, refused in new amounts */
	const char *name;
	const char *successor;		/* of a withdrawn code */
} PcCurrencyInfo;

#define PC_CURRENCY_NUMBERS 1024
#define PC_CURRENCY_DECIMALS 4	/* the most that any has */

/* The place of each number in the alphabetical order of codes, from 1; 0 = unassigned. */
extern const uint8_t pc_currency_ranks[PC_CURRENCY_NUMBERS];

static inline int
pc_currency_rank(PcCurrency currency)
{
	return pc_currency_ranks[currency % PC_CURRENCY_NUMBERS];
}

/* NULL where the code is unknown.  Text: exactly three letters, any case. */
extern const PcCurrencyInfo *pc_currency_by_number(PcCurrency numeric_code);
extern const PcCurrencyInfo *pc_currency_by_code(const char *code, size_t len);

/* All currencies in the order of their codes. */
extern const PcCurrencyInfo *pc_currency_list(int *count);

#endif							/* PAYCORE_ISO4217_H */
