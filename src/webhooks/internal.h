/*
 * internal.h
 *		What the files of webhooks share.
 */
#ifndef PAYCORE_WEBHOOKS_INTERNAL_H
#define PAYCORE_WEBHOOKS_INTERNAL_H

#include "common/args.h"
#include "common/json.h"
#include "gateway/gateway.h"
#include "reduce/reduce.h"

/* The gateway account that an event came for. */
typedef struct PcHome
{
	const char *name;
	char	   *tenant;
	const Gateway *gateway;
	char	   *psp_account_id; /* NULL = not pinned yet */
	bool		has_livemode;
	bool		livemode;
	PcSource	source;			/* how its events come: posted, unless the caller says otherwise */
} PcHome;

/* By name, which is not copied: the caller's tenant's own first.  False where there is none. */
extern bool pc_webhook_home(const char *name, const char *tenant, PcHome *home);

/* What became of an event. */
typedef struct PcEventResult
{
	const char *status;
	const char *code;			/* NULL, or why: a word, or an SQLSTATE */
	const char *message;
	int64		retry_ms;		/* 0 = not again by itself */
} PcEventResult;

/* True where the event is not for reduce at all; *result then says why. */
extern bool pc_webhook_is_ignored(const PcHome *home, const GwEvent *event, PcEventResult *result);

/* Applies it in a subtransaction; attempts = how often that was done before. */
extern void pc_webhook_apply(const PcHome *home, const GwEvent *event, int attempts, PcEventResult *result);

#endif							/* PAYCORE_WEBHOOKS_INTERNAL_H */
