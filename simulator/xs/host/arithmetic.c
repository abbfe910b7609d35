/*
	What the C compiler expects of libgcc and Debian's libgcc for lx106 does not have, because the ESP8266 has it in ROM:
	division of integers, and arithmetic of doubles (IEEE 754, rounded to nearest, ties to even). Also what picolibc 1.8 has and
	gets wrong: its floor and fmod lose a carry between the two words of a double.
*/
#include <stdint.h>

/* Integers */

uint32_t __udivsi3(uint32_t dividend, uint32_t divisor)
{
	uint32_t quotient = 0;
	int shift;
	if (divisor == 0)
		return 0xFFFFFFFF;
	if (dividend < divisor)
		return 0;
	shift = __builtin_clz(divisor) - __builtin_clz(dividend);
	divisor <<= shift;
	for (; shift >= 0; shift--, divisor >>= 1) {
		quotient <<= 1;
		if (dividend >= divisor) {
			dividend -= divisor;
			quotient |= 1;
		}
	}
	return quotient;
}

uint32_t __umodsi3(uint32_t dividend, uint32_t divisor)
{
	int shift;
	if ((divisor == 0) || (dividend < divisor))
		return dividend;
	shift = __builtin_clz(divisor) - __builtin_clz(dividend);
	divisor <<= shift;
	for (; shift >= 0; shift--, divisor >>= 1) {
		if (dividend >= divisor)
			dividend -= divisor;
	}
	return dividend;
}

int32_t __divsi3(int32_t dividend, int32_t divisor)
{
	uint32_t quotient = __udivsi3(dividend < 0 ? -(uint32_t)dividend : dividend, divisor < 0 ? -(uint32_t)divisor : divisor);
	return (dividend ^ divisor) < 0 ? -quotient : quotient;
}

int32_t __modsi3(int32_t dividend, int32_t divisor)
{
	uint32_t rest = __umodsi3(dividend < 0 ? -(uint32_t)dividend : dividend, divisor < 0 ? -(uint32_t)divisor : divisor);
	return dividend < 0 ? -rest : rest;
}

static uint64_t multiplyWords(uint32_t a, uint32_t b)
{
	uint32_t aLow = a & 0xFFFF, aHigh = a >> 16, bLow = b & 0xFFFF, bHigh = b >> 16;
	uint32_t low = aLow * bLow, one = aHigh * bLow, other = aLow * bHigh;
	uint32_t middle = one + (low >> 16);
	uint32_t high = aHigh * bHigh + (middle >> 16);
	middle = (middle & 0xFFFF) + other;
	high += middle >> 16;
	return ((uint64_t)high << 32) | (middle << 16) | (low & 0xFFFF);
}

uint64_t __umulsidi3(uint32_t a, uint32_t b)
{
	return multiplyWords(a, b);
}

uint64_t __muldi3(uint64_t a, uint64_t b)
{
	uint32_t high = (uint32_t)(a >> 32) * (uint32_t)b + (uint32_t)a * (uint32_t)(b >> 32);
	return multiplyWords((uint32_t)a, (uint32_t)b) + ((uint64_t)high << 32);
}

uint64_t __udivmoddi4(uint64_t dividend, uint64_t divisor, uint64_t* rest)
{
	uint64_t quotient = 0;
	int shift = 0;
	if (divisor == 0)
		dividend = 0;
	else if (dividend >= divisor) {
		shift = __builtin_clzll(divisor) - __builtin_clzll(dividend);
		divisor <<= shift;
		for (; shift >= 0; shift--, divisor >>= 1) {
			quotient <<= 1;
			if (dividend >= divisor) {
				dividend -= divisor;
				quotient |= 1;
			}
		}
	}
	if (rest)
		*rest = dividend;
	return quotient;
}

uint64_t __udivdi3(uint64_t dividend, uint64_t divisor)
{
	return __udivmoddi4(dividend, divisor, 0);
}

uint64_t __umoddi3(uint64_t dividend, uint64_t divisor)
{
	uint64_t rest;
	__udivmoddi4(dividend, divisor, &rest);
	return rest;
}

int64_t __divdi3(int64_t dividend, int64_t divisor)
{
	uint64_t quotient = __udivdi3(dividend < 0 ? -(uint64_t)dividend : dividend, divisor < 0 ? -(uint64_t)divisor : divisor);
	return (dividend ^ divisor) < 0 ? -quotient : quotient;
}

int64_t __moddi3(int64_t dividend, int64_t divisor)
{
	uint64_t rest = __umoddi3(dividend < 0 ? -(uint64_t)dividend : dividend, divisor < 0 ? -(uint64_t)divisor : divisor);
	return dividend < 0 ? -rest : rest;
}

/* Doubles, as bits: a sign, 11 bits of exponent with a bias of 1023, 52 bits of fraction. */

typedef union {
	double number;
	uint64_t bits;
} Double;

#define SIGN 0x8000000000000000ull
#define INFINITE 0x7FF0000000000000ull
#define NOT_A_NUMBER 0x7FF8000000000000ull
#define FRACTION 0x000FFFFFFFFFFFFFull
#define IMPLICIT 0x0010000000000000ull

static double fromBits(uint64_t bits)
{
	Double result;
	result.bits = bits;
	return result.number;
}

static uint64_t toBits(double number)
{
	Double result;
	result.number = number;
	return result.bits;
}

/* Shifts right and keeps in the lowest bit whether anything but zeros went out. */
static uint64_t shiftSticky(uint64_t value, int shift)
{
	if (shift == 0)
		return value;
	if (shift > 63)
		return value != 0;
	return (value >> shift) | ((value << (64 - shift)) != 0);
}

/* `significand` has its leading bit at 55, three bits below the last that is kept. */
static double pack(uint64_t sign, int exponent, uint64_t significand)
{
	int rest;
	if (exponent >= 0x7FF)
		return fromBits(sign | INFINITE);
	if (exponent <= 0) {
		significand = shiftSticky(significand, 1 - exponent);
		exponent = 0;
	}
	else
		exponent -= 1;
	rest = (int)significand & 7;
	significand >>= 3;
	if ((rest > 4) || ((rest == 4) && (significand & 1)))
		significand++;
	/* The leading bit, and a carry out of it, are added to the exponent. */
	return fromBits(sign | (((uint64_t)exponent << 52) + significand));
}

static double normalize(uint64_t sign, int exponent, uint64_t significand)
{
	int shift;
	if (significand == 0)
		return fromBits(sign);
	shift = __builtin_clzll(significand) - 8;
	if (shift > 0)
		return pack(sign, exponent - shift, significand << shift);
	return pack(sign, exponent - shift, shiftSticky(significand, -shift));
}

/* Exponent and significand (leading bit at 52) of a number that is neither zero nor infinite. */
static uint64_t unpack(uint64_t bits, int* exponent)
{
	uint64_t significand = bits & FRACTION;
	*exponent = (int)(bits >> 52) & 0x7FF;
	if (*exponent)
		return significand | IMPLICIT;
	int shift = __builtin_clzll(significand) - 11;
	*exponent = 1 - shift;
	return significand << shift;
}

static double add(uint64_t a, uint64_t b)
{
	uint64_t sign, x, y;
	int exponent, other;
	if ((a & ~SIGN) < (b & ~SIGN)) {
		uint64_t swap = a;
		a = b;
		b = swap;
	}
	if ((a & ~SIGN) >= INFINITE) {
		if (((a & ~SIGN) > INFINITE) || (((b & ~SIGN) == INFINITE) && (a != b)))
			return fromBits(NOT_A_NUMBER);
		return fromBits(a);
	}
	if ((b & ~SIGN) == 0)
		return fromBits((a & ~SIGN) ? a : a & b);
	sign = a & SIGN;
	exponent = (int)(a >> 52) & 0x7FF;
	other = (int)(b >> 52) & 0x7FF;
	x = (a & FRACTION) | (exponent ? IMPLICIT : 0);
	y = (b & FRACTION) | (other ? IMPLICIT : 0);
	if (!exponent)
		exponent = 1;
	if (!other)
		other = 1;
	x <<= 3;
	y = shiftSticky(y << 3, exponent - other);
	if ((a ^ b) & SIGN) {
		x -= y;
		if (x == 0)
			return 0;
	}
	else
		x += y;
	return normalize(sign, exponent, x);
}

double __adddf3(double a, double b)
{
	return add(toBits(a), toBits(b));
}

double __subdf3(double a, double b)
{
	uint64_t bits = toBits(b);
	if ((bits & ~SIGN) <= INFINITE)
		bits ^= SIGN;
	return add(toBits(a), bits);
}

double __muldf3(double number, double factor)
{
	uint64_t a = toBits(number), b = toBits(factor), sign = (a ^ b) & SIGN, x, y, low, middle, high;
	int exponent, other;
	a &= ~SIGN;
	b &= ~SIGN;
	if ((a >= INFINITE) || (b >= INFINITE)) {
		if ((a > INFINITE) || (b > INFINITE) || (a == 0) || (b == 0))
			return fromBits(NOT_A_NUMBER);
		return fromBits(sign | INFINITE);
	}
	if ((a == 0) || (b == 0))
		return fromBits(sign);
	x = unpack(a, &exponent);
	y = unpack(b, &other);
	low = multiplyWords((uint32_t)x, (uint32_t)y);
	middle = multiplyWords((uint32_t)(x >> 32), (uint32_t)y) + multiplyWords((uint32_t)x, (uint32_t)(y >> 32)) + (low >> 32);
	high = multiplyWords((uint32_t)(x >> 32), (uint32_t)(y >> 32)) + (middle >> 32);
	/* The product, 2^104 to 2^106, without its lowest 32 bits, of which remains whether they were zero. */
	middle = (middle & 0xFFFFFFFF) | ((uint32_t)low != 0);
	x = (high << 15) | (middle >> 17) | ((middle & 0x1FFFF) != 0);
	return normalize(sign, exponent + other - 1023, x);
}

double __divdf3(double number, double divisor)
{
	uint64_t a = toBits(number), b = toBits(divisor), sign = (a ^ b) & SIGN, x, y, quotient = 0;
	int exponent, other, bit;
	a &= ~SIGN;
	b &= ~SIGN;
	if ((a > INFINITE) || (b > INFINITE) || (a == b && ((a == 0) || (a == INFINITE))))
		return fromBits(NOT_A_NUMBER);
	if ((a == INFINITE) || (b == 0))
		return fromBits(sign | INFINITE);
	if ((a == 0) || (b == INFINITE))
		return fromBits(sign);
	x = unpack(a, &exponent);
	y = unpack(b, &other);
	for (bit = 0; bit < 56; bit++) {
		quotient <<= 1;
		if (x >= y) {
			x -= y;
			quotient |= 1;
		}
		x <<= 1;
	}
	return normalize(sign, exponent - other + 1023, quotient | (x != 0));
}

/* Conversions */

double __floatunsidf(uint32_t value)
{
	return normalize(0, 1023 + 55, value);
}

double __floatsidf(int32_t value)
{
	return value < 0 ? normalize(SIGN, 1023 + 55, -(uint32_t)value) : normalize(0, 1023 + 55, value);
}

double __floatundidf(uint64_t value)
{
	return normalize(0, 1023 + 55, value);
}

double __floatdidf(int64_t value)
{
	return value < 0 ? normalize(SIGN, 1023 + 55, -(uint64_t)value) : normalize(0, 1023 + 55, value);
}

/* The magnitude without its fraction, or `limit` where it is larger. */
static uint64_t truncate(uint64_t bits, uint64_t limit)
{
	int exponent = ((int)(bits >> 52) & 0x7FF) - 1023;
	uint64_t significand = (bits & FRACTION) | IMPLICIT;
	if (exponent < 0)
		return 0;
	if (exponent > 63)
		return limit;
	significand = exponent <= 52 ? significand >> (52 - exponent) : significand << (exponent - 52);
	return (significand > limit) ? limit : significand;
}

int32_t __fixdfsi(double number)
{
	uint64_t bits = toBits(number);
	return bits & SIGN ? -(uint32_t)truncate(bits, 0x80000000) : truncate(bits, 0x7FFFFFFF);
}

uint32_t __fixunsdfsi(double number)
{
	uint64_t bits = toBits(number);
	return bits & SIGN ? -(uint32_t)truncate(bits, 0xFFFFFFFF) : truncate(bits, 0xFFFFFFFF);
}

int64_t __fixdfdi(double number)
{
	uint64_t bits = toBits(number);
	return bits & SIGN ? -truncate(bits, SIGN) : truncate(bits, ~SIGN);
}

uint64_t __fixunsdfdi(double number)
{
	uint64_t bits = toBits(number);
	return bits & SIGN ? -truncate(bits, ~0ull) : truncate(bits, ~0ull);
}

double __extendsfdf2(float number)
{
	union { float number; uint32_t bits; } value = { number };
	uint64_t sign = (uint64_t)(value.bits >> 31) << 63;
	uint32_t exponent = (value.bits >> 23) & 0xFF, fraction = value.bits & 0x7FFFFF;
	if (exponent == 0xFF)
		return fromBits(sign | INFINITE | ((uint64_t)fraction << 29));
	if (exponent == 0)
		return normalize(sign, 1023 - 149 + 55, fraction);
	return fromBits(sign | ((uint64_t)(exponent + 1023 - 127) << 52) | ((uint64_t)fraction << 29));
}

float __truncdfsf2(double number)
{
	uint64_t bits = toBits(number);
	union { uint32_t bits; float number; } result;
	int exponent = ((int)(bits >> 52) & 0x7FF) - 1023 + 127;
	uint64_t significand = (bits & FRACTION) | IMPLICIT;
	uint32_t rest;
	result.bits = (uint32_t)(bits >> 63) << 31;
	if ((bits & ~SIGN) > INFINITE)
		result.bits |= 0x7FC00000;
	else if (exponent >= 0xFF)
		result.bits |= 0x7F800000;
	else if ((bits & ~SIGN) != 0) {
		/* 24 bits and three more of the 53. */
		significand = shiftSticky(significand, 26);
		if (exponent <= 0) {
			significand = shiftSticky(significand, 1 - exponent);
			exponent = 0;
		}
		else
			exponent -= 1;
		rest = (uint32_t)significand & 7;
		significand >>= 3;
		if ((rest > 4) || ((rest == 4) && (significand & 1)))
			significand++;
		result.bits |= ((uint32_t)exponent << 23) + (uint32_t)significand;
	}
	return result.number;
}

/* Whole numbers */

double trunc(double number)
{
	uint64_t bits = toBits(number);
	int exponent = ((int)(bits >> 52) & 0x7FF) - 1023;
	if (exponent < 0)
		return fromBits(bits & SIGN);
	if (exponent < 52)
		bits &= ~(FRACTION >> exponent);
	return fromBits(bits);
}

double floor(double number)
{
	double whole = trunc(number);
	return (whole > number) ? whole - 1 : whole;
}

double ceil(double number)
{
	double whole = trunc(number);
	if (whole < number)
		whole += 1;
	/* -0.5 becomes -0. */
	return fromBits(toBits(whole) | (toBits(number) & SIGN));
}

double fmod(double number, double divisor)
{
	uint64_t a = toBits(number), b = toBits(divisor), sign = a & SIGN, x, y;
	int exponent, other;
	a &= ~SIGN;
	b &= ~SIGN;
	if ((a >= INFINITE) || (b > INFINITE) || (b == 0))
		return fromBits(NOT_A_NUMBER);
	if (a < b)
		return number;
	x = unpack(a, &exponent);
	y = unpack(b, &other);
	for (; exponent > other; exponent--) {
		if (x >= y)
			x -= y;
		x <<= 1;
	}
	if (x >= y)
		x -= y;
	return normalize(sign, exponent, x << 3);
}
