/*
 * card_data.h
 *		What must never be stored: card numbers, full IBANs, security codes.
 */
#ifndef PAYCORE_CARD_DATA_H
#define PAYCORE_CARD_DATA_H

#include "common/paycore.h"
#include "utils/jsonb.h"

typedef enum PcCardData
{
	PC_NO_CARD_DATA,
	PC_CARD_NUMBER,
	PC_IBAN,
	PC_SECURITY_CODE
} PcCardData;

/* Where it was found: bytes of the text. */
typedef struct PcCardSpot
{
	PcCardData	what;
	int			start;
	int			len;
} PcCardSpot;

/* Such as "a card number". */
extern const char *pc_card_data_phrase(PcCardData what);

/* The first spot; false where there is none. */
extern bool pc_card_data_in_text(const char *text, int len, PcCardSpot *spot);

/* In one scalar, under the key given (NULL = none), which may say that it is a code. */
extern PcCardData pc_card_data_in_value(const JsonbValue *value, const char *key);

/* In keys and values at any depth; *key (palloc'd) is the key that it stands under, NULL = none. */
extern PcCardData pc_card_data_in_json(const Jsonb *json, char **key);

/* Copies with every spot masked. */
extern char *pc_card_data_masked(const char *text, int len);
extern Jsonb *pc_card_data_masked_json(const Jsonb *json);

/* card_number.c: digits (no separators) are a card number: length, issuer and check digit. */
extern bool pc_is_card_number(const char *digits, int n, bool said_so);

/* iban.c: length of the IBAN that starts at text, separators included; 0 = none. */
extern int	pc_iban_at(const char *text, int len);

#endif							/* PAYCORE_CARD_DATA_H */
