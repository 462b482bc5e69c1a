/*
 * secrets.h
 *		The secrets file: instance name, and per gateway account its API key,
 *		webhook secrets, base URL and CA file.
 *
 *	instance = prod-1
 *	[default]
 *	api_key = sk_live_...
 *	webhook_secret = whsec_...
 *	webhook_secret = whsec_older
 *	base_url = https://api.stripe.com
 *	ca_file = /etc/ssl/private-ca.pem
 *
 * Mode 0600 (or 0400), owned by the server's user, not a symlink's guess: it
 * is opened once and checked by descriptor.  Errors name the line, never its
 * text.  Values never reach a log, a table or an error message.
 */
#ifndef PAYCORE_SECRETS_H
#define PAYCORE_SECRETS_H

#include "common/paycore.h"

#define PC_MAX_WEBHOOK_SECRETS 8

typedef struct PcSecrets
{
	char	   *account;		/* section name */
	char	   *api_key;		/* NULL if none */
	char	   *base_url;		/* NULL = the gateway's own */
	char	   *ca_file;		/* NULL = the system's */
	int			nwebhook_secrets;
	char	   *webhook_secrets[PC_MAX_WEBHOOK_SECRETS];
} PcSecrets;

/*
 * What the functions below return is valid until the next call of any of them.
 *
 * The instance name ("" where no file is configured or it names none): part
 * of every outbox row, so that a copy of the data does not send.  Cached, and
 * looked at again when the file or the setting changes.
 * Raises PY072 on a bad file: rows of a nameless instance would never be sent.
 */
extern const char *pc_instance_name(void);

/* Secrets of one account, NULL where the file has no such section.  Raises PY072 on a bad file. */
extern const PcSecrets *pc_secrets_get(const char *account);

/* As above, but says in *why instead of raising, for the worker and health(). */
extern const PcSecrets *pc_secrets_try(const char *account, const char **why);

/* What is wrong with the configured file, NULL if nothing. */
extern const char *pc_secrets_error(void);

/* Warnings that need no error: file inside the data directory, ... NULL if none. */
extern const char *pc_secrets_warning(void);

/* Tells one version of the file from another, the same in each process; 0 where none is configured. */
extern uint64 pc_secrets_version(void);

/* What the file says now counts until this is called again, whatever becomes of it. */
extern void pc_secrets_reread(void);

/* Forgets (and wipes) what was read; the next call reads again. */
extern void pc_secrets_forget(void);

#endif							/* PAYCORE_SECRETS_H */
