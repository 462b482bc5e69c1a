/*
 * advice.h
 *		What to do about an error or a decline, and what the payer may be told.
 */
#ifndef PAYCORE_ADVICE_H
#define PAYCORE_ADVICE_H

#include "common/paycore.h"
#include "utils/timestamp.h"

typedef enum GwAdviceClass
{
	GW_RETRY_LATER,				/* the same method, later */
	GW_NEW_METHOD,				/* another method, or corrected data */
	GW_AUTHENTICATE,			/* the payer has to confirm */
	GW_NEVER					/* not again as it is */
} GwAdviceClass;

/* Where a code stands in an error, strongest advice first. */
typedef enum GwCodeKind
{
	GW_CODE_ADVICE,
	GW_CODE_NETWORK_ADVICE,
	GW_CODE_DECLINE,
	GW_CODE_ERROR,
	GW_CODE_TYPE,
	GW_NCODE_KINDS
} GwCodeKind;

/* Who can do something about it. */
typedef enum GwAdviceParty
{
	GW_PAYER,
	GW_CALLER,					/* the request is wrong */
	GW_MERCHANT,				/* keys, capabilities, balance of the gateway account */
	GW_STATE,					/* the object is elsewhere in its life: look at it first */
	GW_GATEWAY					/* passes by itself */
} GwAdviceParty;

#define GW_RETRIES_OF_NETWORKS 15	/* in 30 days: the least that a card network allows */

typedef struct GwAdvice
{
	GwCodeKind	kind;
	const char *code;
	GwAdviceClass class;
	GwAdviceParty party;
	bool		hidden;			/* the payer must not learn the reason */
	int			max_retries;	/* of class GW_RETRY_LATER */
	int			retry_after;	/* seconds before the first retry; it doubles with each further one */
	bool		fixed;			/* the network named the time: it does not grow */
	const char *message;		/* for the payer */
} GwAdvice;

extern const GwAdvice gw_advice[];
extern const int gw_advice_count;

extern const char *gw_advice_class_name(GwAdviceClass class);
extern const char *gw_code_kind_name(GwCodeKind kind);
extern const char *gw_advice_party_name(GwAdviceParty party);

typedef struct GwExplanation
{
	GwAdviceClass class;
	GwAdviceParty party;
	GwCodeKind	decided_by;
	bool		known;			/* false: none of the codes is, and the safe default holds */
	const char *message;
	int			retries_left;
	TimestampTz retry_at;		/* 0 = do not retry */
} GwExplanation;

/*
 * codes by kind, NULL where absent; failures are the failed tries so far, this
 * one included.  False where there is no code at all.
 */
extern bool gw_explain(const char *const codes[GW_NCODE_KINDS], int failures, TimestampTz failed_at,
					   GwExplanation *out);

#endif							/* PAYCORE_ADVICE_H */
