/*
 * money_text.h
 *		Amounts of money as text, free of PostgreSQL.
 *
 *		amount = number " " code | code " " number
 *		number = [ "+" | "-" ] digits [ "." digits ]
 *
 * Blanks around it are skipped.  There are no thousands separators: what one
 * country groups by, another takes for the decimal point.
 */
#ifndef PAYCORE_MONEY_TEXT_H
#define PAYCORE_MONEY_TEXT_H

#include "types/iso4217.h"

#define PC_MONEY_MAX	((INT64_C(1) << 53) - 1)

typedef enum PcMoneyParse
{
	PC_PARSED,
	PC_PARSE_SYNTAX,
	PC_PARSE_UNKNOWN_CURRENCY,
	PC_PARSE_NO_MINOR_UNIT,
	PC_PARSE_SCALE,
	PC_PARSE_RANGE
} PcMoneyParse;

typedef struct PcMoneyParts
{
	const PcCurrencyInfo *currency; /* NULL until the code is known */
	int64_t		amount;			/* minor units */
	const char *code;			/* the code as written */
	int			code_len;
	int			decimals;		/* as written */
} PcMoneyParts;

/* Reads one amount; what was found before a failure stands in parts. */
extern PcMoneyParse pc_money_parse(const char *text, PcMoneyParts *parts);

/* Writes "12.34 USD" into buf (at least PC_MONEY_TEXT_LEN bytes) and returns it. */
#define PC_MONEY_TEXT_LEN	32
extern char *pc_money_format(PcCurrency currency, int64_t amount, char *buf);

#endif							/* PAYCORE_MONEY_TEXT_H */
