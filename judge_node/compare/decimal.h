/* Decimal numbers read byte by byte in constant memory, and the exact question "is it within the tolerance?". */
#ifndef CONTESTBOX_DECIMAL_H
#define CONTESTBOX_DECIMAL_H

#include <stdbool.h>

/* Significant digits that are kept of a number; what is not zero beyond them counts as one more digit 1. */
#define KEPT_DIGITS 2048

/* Where in the grammar a number is. */
enum decimal_state {
    DECIMAL_START,
    DECIMAL_SIGN,
    DECIMAL_WHOLE,
    DECIMAL_BARE_POINT,
    DECIMAL_FRACTION,
    DECIMAL_EXPONENT,
    DECIMAL_EXPONENT_SIGN,
    DECIMAL_EXPONENT_DIGITS,
    DECIMAL_BAD
};

/* The value is 0.D1D2D3... x 10^point with its sign; no digits at all: zero. */
struct decimal {
    enum decimal_state state;
    bool negative, exponent_negative, beyond;
    int count;
    long long point, exponent;
    unsigned char digits[KEPT_DIGITS + 1];
};

/* Which bounds the call gave; at least one of them in float mode. */
struct tolerance {
    bool has_absolute, has_relative;
    struct decimal absolute, relative;
};

void decimal_start(struct decimal *number);
void decimal_feed_slowly(struct decimal *number, int byte);

/* Takes the next byte. The digits in the middle of a number are nearly all bytes, so they are handled in place. */
static inline void decimal_feed(struct decimal *number, int byte) {
    bool whole = number->state == DECIMAL_WHOLE;
    if ((unsigned)(byte - '0') <= 9 && (whole || number->state == DECIMAL_FRACTION) && number->count > 0 &&
        number->count < KEPT_DIGITS) {
        number->digits[number->count++] = (unsigned char)(byte - '0');
        number->point += whole;
        return;
    }
    decimal_feed_slowly(number, byte);
}

/* Ends the number; false when the bytes were none by the grammar [+-]?(d*.d+|d+.|d+)([Ee][+-]?d+)? */
bool decimal_end(struct decimal *number);

/* Whether |team - answer| <= absolute, or <= relative x |answer|, both inclusive and decided exactly. */
bool decimal_within(const struct decimal *team, const struct decimal *answer, const struct tolerance *tolerance);

#endif
