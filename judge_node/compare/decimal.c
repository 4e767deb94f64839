/*
 * Theory of operation.
 *
 * Both numbers are finite decimals, so "is |s - a| at most T" has an exact answer. Nearly always a floating-point
 * estimate with a known error decides it; only near the bound the digits are asked. That question is the sign of a sum
 * of three decimals (larger - smaller - T). It is found from the most significant place downwards: with at most three
 * terms the places still unread are worth less than 3 units of the present place, so once the running sum reaches 3 its
 * sign is final, and where no term has digits for a while (1e999999 beside 1) the gap is jumped over. Time is linear in
 * the digits, memory constant.
 */
#include "decimal.h"

#include <limits.h>
#include <math.h>
#include <string.h>

#define LARGEST_EXPONENT 1000000000000000LL
#define ESTIMATED_DIGITS 18
#define LARGEST_POWER 27 /* 10^27 is exact in a long double of 64 bits */

void decimal_start(struct decimal *number) {
    number->state = DECIMAL_START;
    number->negative = number->exponent_negative = number->beyond = false;
    number->count = 0;
    number->point = number->exponent = 0;
}

static void take_digit(struct decimal *number, int digit, bool whole) {
    if (number->count == 0 && digit == 0) {
        if (!whole) number->point--;
        return;
    }
    if (whole) number->point++;
    if (number->count < KEPT_DIGITS)
        number->digits[number->count++] = (unsigned char)digit;
    else if (digit != 0)
        number->beyond = true;
}

static enum decimal_state after_digit(struct decimal *number, int digit) {
    switch (number->state) {
    case DECIMAL_START:
    case DECIMAL_SIGN:
    case DECIMAL_WHOLE:
        take_digit(number, digit, true);
        return DECIMAL_WHOLE;
    case DECIMAL_BARE_POINT:
    case DECIMAL_FRACTION:
        take_digit(number, digit, false);
        return DECIMAL_FRACTION;
    case DECIMAL_EXPONENT:
    case DECIMAL_EXPONENT_SIGN:
    case DECIMAL_EXPONENT_DIGITS:
        if (number->exponent < LARGEST_EXPONENT) number->exponent = number->exponent * 10 + digit;
        return DECIMAL_EXPONENT_DIGITS;
    default:
        return DECIMAL_BAD;
    }
}

static enum decimal_state after_sign(struct decimal *number, bool negative) {
    if (number->state == DECIMAL_START) {
        number->negative = negative;
        return DECIMAL_SIGN;
    }
    if (number->state == DECIMAL_EXPONENT) {
        number->exponent_negative = negative;
        return DECIMAL_EXPONENT_SIGN;
    }
    return DECIMAL_BAD;
}

static enum decimal_state after_point(enum decimal_state state) {
    if (state == DECIMAL_WHOLE) return DECIMAL_FRACTION;
    return state == DECIMAL_START || state == DECIMAL_SIGN ? DECIMAL_BARE_POINT : DECIMAL_BAD;
}

void decimal_feed_slowly(struct decimal *number, int byte) {
    enum decimal_state state = number->state;
    if (state == DECIMAL_BAD) return;
    if (byte >= '0' && byte <= '9')
        state = after_digit(number, byte - '0');
    else if (byte == '+' || byte == '-')
        state = after_sign(number, byte == '-');
    else if (byte == '.')
        state = after_point(state);
    else if (byte == 'e' || byte == 'E')
        state = state == DECIMAL_WHOLE || state == DECIMAL_FRACTION ? DECIMAL_EXPONENT : DECIMAL_BAD;
    else
        state = DECIMAL_BAD;
    number->state = state;
}

bool decimal_end(struct decimal *number) {
    enum decimal_state state = number->state;
    if (state != DECIMAL_WHOLE && state != DECIMAL_FRACTION && state != DECIMAL_EXPONENT_DIGITS) return false;
    if (number->beyond) number->digits[number->count++] = 1;
    number->point += number->exponent_negative ? -number->exponent : number->exponent;
    return true;
}

/* One term of a sum: its sign, and the digits of 0.D1D2... x 10^point. */
struct term {
    int sign;
    const unsigned char *digits;
    int count;
    long long point;
};

static int sign_of(long value) {
    return (value > 0) - (value < 0);
}

static int sign_of_sum(const struct term *terms, int number_of_terms) {
    long long place = LLONG_MIN;
    long sum = 0;
    for (int i = 0; i < number_of_terms; i++)
        if (terms[i].count > 0 && terms[i].point > place) place = terms[i].point;
    while (place != LLONG_MIN) {
        long long next = LLONG_MIN;
        sum *= 10;
        for (int i = 0; i < number_of_terms; i++) {
            const struct term *term = &terms[i];
            long long index = term->point - place;
            if (term->count == 0) continue;
            if (index >= 0 && index < term->count) sum += term->sign * term->digits[index];
            long long follows = index < 0 ? term->point : index + 1 < term->count ? place - 1 : LLONG_MIN;
            if (follows > next) next = follows;
        }
        if (sum >= 3 || sum <= -3) return sign_of(sum);
        if (next == LLONG_MIN || (sum != 0 && next < place - 1)) break;
        place = next;
    }
    return sign_of(sum);
}

static struct term term_of(int sign, const struct decimal *number) {
    struct term term = {sign, number->digits, number->count, number->point};
    return term;
}

/* Whether |team - answer| <= bound, exactly. */
static bool exactly_within(const struct decimal *team, const struct decimal *answer, struct term bound) {
    bool same_sign = team->negative == answer->negative;
    struct term terms[3] = {term_of(1, team), term_of(same_sign ? -1 : 1, answer), bound};
    if (same_sign && sign_of_sum(terms, 2) < 0) {
        terms[0].sign = -1;
        terms[1].sign = 1;
    }
    return sign_of_sum(terms, 3) <= 0;
}

static bool exactly_within_relative(const struct decimal *team, const struct decimal *answer,
                                    const struct decimal *bound) {
    static unsigned product[2 * (KEPT_DIGITS + 1)];
    static unsigned char digits[2 * (KEPT_DIGITS + 1)];
    int count = answer->count && bound->count ? answer->count + bound->count : 0;
    memset(product, 0, sizeof(product[0]) * (size_t)count);
    for (int i = 0; count && i < answer->count; i++)
        for (int j = 0; j < bound->count; j++) product[i + j + 1] += (unsigned)answer->digits[i] * bound->digits[j];
    unsigned carry = 0;
    for (int i = count - 1; i >= 0; i--) {
        unsigned value = product[i] + carry;
        digits[i] = (unsigned char)(value % 10);
        carry = value / 10;
    }
    struct term term = {-1, digits, count, answer->point + bound->point};
    return exactly_within(team, answer, term);
}

/* An estimate of the absolute value and a bound of its error; false where the number is out of the easy range. */
static bool estimate(const struct decimal *number, long double *value, long double *error) {
    static const long double powers[LARGEST_POWER + 1] = {
        1e0L,  1e1L,  1e2L,  1e3L,  1e4L,  1e5L,  1e6L,  1e7L,  1e8L,  1e9L,  1e10L, 1e11L, 1e12L, 1e13L,
        1e14L, 1e15L, 1e16L, 1e17L, 1e18L, 1e19L, 1e20L, 1e21L, 1e22L, 1e23L, 1e24L, 1e25L, 1e26L, 1e27L};
    unsigned long long head = 0;
    int taken = number->count < ESTIMATED_DIGITS ? number->count : ESTIMATED_DIGITS;
    long long power = number->point - taken;
    if (taken == 0) {
        *value = *error = 0;
        return true;
    }
    if (power > LARGEST_POWER || power < -LARGEST_POWER) return false;
    for (int i = 0; i < taken; i++) head = head * 10 + number->digits[i];
    *value = power >= 0 ? (long double)head * powers[power] : (long double)head / powers[-power];
    *error = *value * (taken < number->count ? 2e-17L : 1e-18L);
    return true;
}

/* 1 within, 0 not within, -1 too near to tell. */
static int estimated_within(const struct decimal *team, const struct decimal *answer,
                            const struct tolerance *tolerance) {
    long double s, a, bound, limit = 0, s_error, a_error, bound_error;
    if (sizeof(long double) <= sizeof(double)) return -1;
    if (!estimate(team, &s, &s_error) || !estimate(answer, &a, &a_error)) return -1;
    if (tolerance->has_absolute) {
        if (!estimate(&tolerance->absolute, &bound, &bound_error)) return -1;
        limit = bound;
    }
    if (tolerance->has_relative) {
        if (!estimate(&tolerance->relative, &bound, &bound_error)) return -1;
        limit = bound * a > limit ? bound * a : limit;
    }
    long double difference = team->negative == answer->negative ? fabsl(s - a) : s + a;
    long double error = s_error + a_error + (difference + limit) * 1e-16L;
    if (difference + error < limit) return 1;
    if (difference - error > limit) return 0;
    return -1;
}

bool decimal_within(const struct decimal *team, const struct decimal *answer, const struct tolerance *tolerance) {
    int estimated = estimated_within(team, answer, tolerance);
    if (estimated >= 0) return estimated;
    if (tolerance->has_absolute && exactly_within(team, answer, term_of(-1, &tolerance->absolute))) return true;
    return tolerance->has_relative && exactly_within_relative(team, answer, &tolerance->relative);
}
