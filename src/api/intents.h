/*
 * intents.h
 *		Making and trying payment intents, for what charges by itself.
 */
#ifndef PAYCORE_INTENTS_H
#define PAYCORE_INTENTS_H

#include "api/api.h"

/* What an intent is to be, as create_payment_intent() checks it. */
typedef struct PcNewIntent
{
	pg_uuid_t	id;
	pg_uuid_t	account_id;
	PcMoney		amount;
	char	   *given_method;
	bool		confirm;
	char	   *capture_method;
	bool		off_session;
	char	   *future_usage;
	char	   *description;
	Jsonb	   *metadata;
	char	   *return_url;
	Jsonb	   *gateway_params;
	Datum		method_types;	/* text[] */
	bool		no_method_types;
	char	   *descriptor;
	bool		has_invoice;
	pg_uuid_t	invoice_id;
	bool		has_subscription;
	pg_uuid_t	subscription_id;
} PcNewIntent;

/* The row, which is returned, and the request for it. */
extern Datum pc_intent_create(const PcApiCall *call, const PcNewIntent *intent);

/* intents_change.c: how an intent is tried. */
typedef struct PcConfirm
{
	char	   *given_method;	/* NULL: the one it has */
	char	   *return_url;
	Jsonb	   *gateway_params;
	bool		set_off_session;	/* else as the intent has it */
	bool		off_session;
} PcConfirm;

/* Of an intent that is locked; the row. */
extern Datum pc_intent_confirm(const PcApiCall *call, PcIntent *intent, const PcConfirm *confirm);

/* Gives an intent that is locked another amount (NULL: the same) and more metadata (NULL: none); the row. */
extern Datum pc_intent_update(const PcApiCall *call, PcIntent *intent, const PcMoney *amount, const Jsonb *metadata);

/* intents_cancel.c: cancels an intent that is locked and open; the row. */
extern Datum pc_intent_cancel(const PcApiCall *call, const PcIntent *intent, const char *reason);

#endif							/* PAYCORE_INTENTS_H */
