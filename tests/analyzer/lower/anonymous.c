/* Members of anonymous records: where they are, and the classes of their memory. */
struct msg {
    int kind;
    union {
        long ack;
        int v[2];
        struct { int a, b; };
    };
    struct {
        int first;
        unsigned on : 1, mode : 3;
        union {
            short s[2];
            struct { char c, d; unsigned low : 4, high : 4; };
        };
    };
    int end;
};
struct outer { int id; struct msg m[2]; struct msg *p; };

struct msg made = { .kind = 1, .b = 2, .mode = 3, .d = 4, .end = 5 };
struct msg listed = { 1, { 2 }, { 3, 1, 5, { { 6, 7 } } }, 8 };
struct outer table[] = { { .m[1].b = 1, .m[1].first = 2, 1, 3, .m[1].s[1] = 9 } };

int in_struct(struct msg *m)
{
    m->kind = 1;
    m->ack = 2;
    m->v[1] = 3;
    m->b = 4;
    m->first = 5;
    m->mode = 6;
    m->s[1] = 7;
    m->d = 8;
    m->high = 9;
    m->end = 10;
    return m->b + m->d;
}

int in_arrays(struct outer *o, int i)
{
    int *b = &o->m[i].b;

    (*o).p->d = 1;
    o->p[i].v[i] = 2;
    return *b + o->m[1].s[0];
}

int written(int n)
{
    struct msg m = { .kind = n, .b = 2, 3, .mode = 4, .c = 5, 6, .end = 7 };
    union { int x; struct { short lo, hi; }; } u = { .hi = 1 };

    return m.b + u.lo + (struct msg){ .d = 3 }.d;
}
