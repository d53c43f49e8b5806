/* Values, conversions, side effects. */
#include <stddef.h>

struct pair { int a; long b; };
enum colour { RED, GREEN = 5 };
int g, *pg = &g;
int pure(int n);

int logic(int a, int b)
{
    int c = a && (b || !a);
    int d = !!c + !(a && b);

    if (!(a || b) && c)
        return 1;
    return c ?: (a ? b : (g = d, b));
}

long arithmetic(int a, unsigned char c, long n, unsigned u)
{
    long r = a + c * n;

    r <<= a;
    r -= u % 7u;
    c += 300;
    u = -u / 2 | ~a;
    return (short)r ^ (c > 'x') ^ (n >> 3);
}

int effects(int *p, int **pp)
{
    int x = 1, *q = &x;

    *p++ = x--;
    (*pp)[2] += *q;
    **pp = *p = 4;
    x = (g = pure(x)) + g;
    return p - *pp + *--p;
}

int sizes(int n)
{
    char text[] = "ab\0c";

    return (int)(sizeof text + sizeof(struct pair) + offsetof(struct pair, b) + _Alignof(long) + GREEN +
                 sizeof(int[n]));
}

int calls(int (*f)(int), int (*const table[2])(int))
{
    pure(1);
    (void)f(2);
    return table[pure(3)](4) + (*f)(5) + pure(pure(6));
}

int statement_expression(int n)
{
    int v = ({ int twice = n * 2; pure(twice); twice + 1; });

    return ({ for (;;) if (n-- < v) break; n; });
}

double floating(float f, int n)
{
    double d = f * 2 + n;

    if (f)
        return d;
    if (!f && d > 2.0)
        n = (int)d;
    return n;
}

int parameters(int v[], int m[2][3], int cb(int))
{
    int **q = &v;

    v++;
    return v[1] + m[1][2] + cb(**q);
}

int generic(double d, char c)
{
    return _Generic(d, int: 1, double: 2, default: 3) + _Generic(c + 1, int: pure(5), default: 6);
}

int builtins(int a, int b, const char *s)
{
    int r;

    if (__builtin_expect(__builtin_add_overflow(a, b, &r), 0))
        __builtin_trap();
    __builtin_assume(r > 2);
    return r + __builtin_popcount(a) + (int)__builtin_strlen(s) + __builtin_constant_p(b);
}

typedef int four __attribute__((vector_size(16)));

/* Elements of vectors are never known; offsets wrap as they do in the machine. */
int vectors(four v, four *p, long *far)
{
    v[1] = 3;
    (*p)[2] += pure(v[0]);
    return v[1] + (int)far[3000000000000000000] + (int)__builtin_creal(2.0);
}
