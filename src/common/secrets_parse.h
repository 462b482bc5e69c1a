/*
 * secrets_parse.h
 *		Reads the text of a secrets file.  Knows no files and raises nothing
 *		but out of memory.
 */
#ifndef PAYCORE_SECRETS_PARSE_H
#define PAYCORE_SECRETS_PARSE_H

#include "common/secrets.h"

typedef struct PcSecretsText
{
	char	   *instance;		/* NULL where the file names none */
	int			naccounts;
	PcSecrets  *accounts;		/* palloc'd array */
} PcSecretsText;

/*
 * Cuts text (len bytes and a NUL) into strings in place; the result points
 * into it.  NULL, or what is wrong with the line left in *line, which counts
 * from 1; never with a word of the text.
 */
extern const char *pc_secrets_parse(char *text, size_t len, PcSecretsText *out, int *line);

#endif							/* PAYCORE_SECRETS_PARSE_H */
