/*
 * words.h
 *		The words that columns of status and kind take.
 */
#ifndef PAYCORE_WORDS_H
#define PAYCORE_WORDS_H

#include "common/paycore.h"

/* Whether the list has the word; an unknown list has none. */
extern bool pc_word_is_known(const char *list, const text *word);

/* "a, b, c", for an error message; empty for an unknown list. */
extern char *pc_words(const char *list);

#endif							/* PAYCORE_WORDS_H */
