/*
 * order.h
 *		Which of two pictures of one object is the newer: what we know, or what
 *		was just seen.  Pure: no SQL, no memory.
 */
#ifndef PAYCORE_ORDER_H
#define PAYCORE_ORDER_H

#include "common/paycore.h"
#include "utils/timestamp.h"

typedef enum PcOrder
{
	PC_ORDER_SAME,				/* nothing to do */
	PC_ORDER_TOUCH,				/* the same picture, confirmed later: move the time on, end a doubt */
	PC_ORDER_APPLY,
	PC_ORDER_MERGE,				/* older: take only facts that grow */
	PC_ORDER_DOUBT				/* ask the gateway */
} PcOrder;

/* Which of two states in one second came after the other. */
typedef enum PcStep
{
	PC_STEP_UNKNOWN,			/* both ways, or neither, or they are equal */
	PC_STEP_FORWARD,			/* only known to seen */
	PC_STEP_BACKWARD			/* only seen to known */
} PcStep;

typedef struct PcPictures
{
	bool		known;			/* the gateway has spoken of this row before */
	TimestampTz known_time;		/* both of the gateway's clock, in whole seconds */
	TimestampTz seen_time;
	bool		same_digest;
	bool		doubt;			/* the row is in doubt */
	bool		known_final;	/* absorbing */
	bool		seen_final;
	bool		is_creation;	/* seen in an event *.created */
	int			growth;			/* what only grows has grown (1), is less than known (-1), or neither (0) */
	bool		previous_matches;	/* the event says that it changed what we know */
	PcStep		step;
} PcPictures;

extern PcOrder pc_order(const PcPictures *p);

/* The picture is another one than ours. */
static inline bool
pc_order_is_news(PcOrder order)
{
	return order != PC_ORDER_SAME && order != PC_ORDER_TOUCH;
}

/* Steps that a gateway takes in one go, by index of state; see order.c. */
extern PcStep pc_intent_step(int known, int seen);
extern PcStep pc_refund_step(int known, int seen);
extern PcStep pc_payment_step(int known, int seen);
extern PcStep pc_payout_step(int known, int seen);
extern PcStep pc_dispute_step(int known, int seen);

#endif							/* PAYCORE_ORDER_H */
