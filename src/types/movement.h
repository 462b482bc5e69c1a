/*
 * movement.h
 *		What a dispute moved at the gateway, one balance transaction each, as
 *		disputes.balance_transactions keeps them.
 */
#ifndef PAYCORE_MOVEMENT_H
#define PAYCORE_MOVEMENT_H

#include "common/json.h"
#include "types/money.h"

/* More of one dispute than any gateway makes: the rest is left out. */
#define PC_MAX_MOVEMENTS 32

typedef struct PcMovement
{
	char	   *id;
	char	   *category;		/* the gateway's reporting category; may be NULL */
	PcMoney		amount;			/* in the settlement currency; below zero: taken */
	PcMoney		fee;			/* below zero: given back */
	char	   *exchange_rate;	/* from the dispute's currency to it; NULL where they are one */
	int64		available_on;	/* unix seconds */
	int64		created;
} PcMovement;

/* Reads a list (NULL: none) into at most PC_MAX_MOVEMENTS; gives their number. */
extern int	pc_movements(const Jsonb *list, PcMovement *movements);

/* As an element of the list. */
extern Jsonb *pc_movement_stored(const PcMovement *m);

/* A fee with a transaction of its own. */
extern bool pc_movement_is_fee(const PcMovement *m);

/*
 * The amount before it was exchanged, in the currency of disputed: what the
 * dispute is of, where the rate makes the amount of that, else what the rate
 * makes of the amount.  False where it was exchanged at a rate that is not
 * known, or is between units that are not ours.
 */
extern bool pc_movement_original(const PcMovement *m, PcMoney disputed, PcMoney *original);

#endif							/* PAYCORE_MOVEMENT_H */
