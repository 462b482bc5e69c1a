/*
 * utf8.h
 *		Text of ours for those who read UTF-8.
 */
#ifndef PAYCORE_UTF8_H
#define PAYCORE_UTF8_H

#include "common/paycore.h"

/*
 * Of text in the server's encoding; the text itself where that is UTF-8.  Never
 * raises: what UTF-8 lacks, or no encoding says anything of, is a question
 * mark.  Outside a transaction, the client's encoding must be UTF-8.
 */
extern const char *pc_as_utf8(const char *text);

#endif							/* PAYCORE_UTF8_H */
