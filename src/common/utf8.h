/*
 * utf8.h
 *		Between the server's encoding and UTF-8.
 */
#ifndef PAYCORE_UTF8_H
#define PAYCORE_UTF8_H

#include "common/paycore.h"

/*
 * Text in the server's encoding, NULL too, as UTF-8; the text itself where the
 * two are the same.  Never raises: mark stands for each character that UTF-8
 * lacks, and for each byte of which no encoding says anything.  Outside a
 * transaction, the client's encoding must be UTF-8.
 */
extern const char *pc_as_utf8(const char *text, const char *mark);

/* The way back; raises where the server's encoding lacks a character. */
extern char *pc_from_utf8(const char *utf8);

#endif							/* PAYCORE_UTF8_H */
