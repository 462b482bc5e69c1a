/*
 * settings.h
 *		The extension's settings (GUCs).  One table in settings.c defines them
 *		all; docs/settings.md is generated from pg_settings.
 */
#ifndef PAYCORE_SETTINGS_H
#define PAYCORE_SETTINGS_H

#include "common/paycore.h"

/* Identity of the session. */
extern char *pc_tenant;					/* paycore.tenant, SUSET: whose rows; '' = 'default' */
extern char *pc_actor;					/* paycore.actor, USERSET: who is behind the session; '' = session_user */

/* Secrets and gateways. */
extern char *pc_secrets_file;			/* paycore.secrets_file, SIGHUP, superuser only */
extern int	pc_webhook_tolerance;		/* seconds, 300; how old a signature may be */
extern int	pc_webhook_max_size;		/* bytes, 2 MB */

/* The worker. */
extern bool pc_worker_enabled;			/* paycore.worker, SUSET, per database */
extern bool pc_assistant_enabled;		/* on: a second process sends while one worker is not enough */
extern int	pc_poll_interval;			/* ms, 1000: the net under the wake-up at commit */
extern int	pc_batch_size;				/* rows claimed at once, 200 */
extern int	pc_max_in_flight;			/* requests on the wire, 400 */
extern int	pc_connect_timeout;			/* ms, 10000 */
extern int	pc_request_timeout;			/* ms, 80000, from dispatch */
extern int	pc_response_cap;			/* bytes, 1 MB */
extern int	pc_max_attempts;			/* counted attempts, 5 */
extern int	pc_retry_initial;			/* ms, 500 */
extern int	pc_retry_max;				/* ms, 60000 */
extern int	pc_retry_after_cap;			/* ms, 300000 */
extern int	pc_on_session_window;		/* seconds, 900: an on-session confirm is not sent later */
extern int	pc_resend_horizon;			/* seconds, 82800 (23 h): after it a request is resolved, never resent */
extern int	pc_outbox_retention;		/* seconds, 7 days: finished rows */
extern int	pc_webhook_retention;		/* seconds, 90 days: processed and ignored events */
extern int	pc_idempotency_retention;	/* seconds, 24 h */
extern int	pc_balance_interval;		/* seconds, 1 h: how often balance transactions are read; 0 = only when asked */
extern int	pc_balance_overlap;			/* seconds, 1 h: read again before where the last reading ended */
extern bool pc_ledger_enabled;			/* paycore.ledger, SUSET: money facts are posted */
extern int	pc_event_interval;			/* seconds, 5 min: how often events are polled; 0 = only when asked */
extern int	pc_event_overlap;			/* seconds, 10 min: polled again before where the last poll ended */
extern int	pc_backfill_parts;			/* 4: parts of one list that a backfill reads at once */
extern int	pc_billing_interval;		/* seconds, 1 min: how often the worker bills what is due; 0 = only when asked */
extern int	pc_push_retry_max;			/* ms, 1 h: longest pause between tries of a delivery to a webhook endpoint */
extern int	pc_push_horizon;			/* seconds, 3 days: so long a delivery is tried, and an endpoint may only fail */
extern bool pc_refund_approval;			/* paycore.refund_approval, SUSET: refunds await an approver */

/* Called once from _PG_init; ends with MarkGUCPrefixReserved("paycore"). */
extern void pc_settings_init(void);

/* The present tenant, never NULL or empty. */
extern const char *pc_current_tenant(void);

/* Who acts: paycore.actor, else the session's user. Valid until the end of the statement. */
extern const char *pc_current_actor(void);

#endif							/* PAYCORE_SETTINGS_H */
