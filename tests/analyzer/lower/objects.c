/* Records, arrays, unions, bit-fields, initialisers, static objects. */
struct in {
    int x;
    union { int a; char b[4]; };
    struct { int inner; };
    struct flags { unsigned q : 3, r : 1; int s : 5; _Bool t : 1; } bf;
};
typedef struct { int id; struct in in; int arr[3]; } job;
typedef union { int i; struct { short lo, hi; } w; } both;
struct big { int v[10]; };
int twice(int n);

static job table[] = {
    [1 ... 2] = { .id = 3, .in.a = 4, .arr[1] = 5, .in.bf = { 5, 1, -2 } },
    { 1, { 2, { 3 } }, 4 },
};
int (*handlers[])(int) = { twice, [3] = &twice };
const char *names[2] = { "a", "bc" };
char text[8] = "hi";
int *inside = &table[1].arr[2];
struct in *anonymous = &(struct in){ .x = 7, .inner = 8 };
extern int elsewhere;
double real = 1.5;

/* After a designator, the list goes on with the sibling of what it named. */
struct out { int first; struct in in[2]; int end; };
struct out nested[] = {
    { .in[0].x = 1, 2, 3, { 4 }, 5, 6, { 7 }, 8 },
    [2 ... 3].in[1].inner = 9, { 10 }, 11,
    12,
};

int members(job *j, struct in *in)
{
    j->in.a = in->b[1];
    in->inner = j[2].arr[in->x];
    return (&j->in)->x + (*j).id + elsewhere;
}

int flags(struct in *p)
{
    p->bf.r = 1;
    p->bf.s = -3;
    p->bf.t = p->x;
    p->bf.q++;
    return p->bf.s + p->bf.r;
}

int overlap(both *p)
{
    short *high = &p->w.hi;

    p->i = 3;
    *high = 2;
    return p->w.lo;
}

struct big make(int n)
{
    struct big b = { .v = { n } };

    return b;
}

int use(struct big b)
{
    return b.v[0];
}

int copies(int n)
{
    struct big a = make(1), b;

    b = n ? a : make(2);
    b = (n++, a);
    return use(b) + make(3).v[2] + use(make(4));
}

int locals(void)
{
    static int count, again = 3;
    struct { struct in a, b; } l = { { 1 }, .b = { .b = "xy" } };
    char s[2][4] = { "ab", { 'c' } };
    int zeros[4] = { 0 }, *p = (int[]){ 1, count };

    count += again;
    return l.a.x + s[1][0] + zeros[1] + p[1] + (struct in){ .x = 2 }.x;
}

int other(void)
{
    static int count;

    return ++count;
}

int dynamic(int n)
{
    int a[n];
    char *p = __builtin_alloca(n);

    a[1] = sizeof a;
    p[0] = 'c';
    return a[1];
}

void aliases(int *p, void **any)
{
    unsigned *u = (unsigned *)p;
    job *j = (job *)p;
    void **q = (void **)&p;

    *u = j->id;
    *q = *any;
}

const char *single[] = { "one" };
struct rule { char tag[4]; const char *needs[2]; };
struct rule rules[] = { { "ab", { "u" } }, { { "cd" }, "v", "w" } };
char lines[1][8] = { "xy" };
int wide[3] = { L'p' };
typeof(L'p') wider[3] = L"pq";

int strings(void)
{
    const char *only[2] = { "x" };
    char line[1][4] = { "ab" };
    typeof(L'p') w[2] = L"q";

    return only[0] != single[0] && line[0][0] == rules[0].tag[0] && w[0] == wider[1] && wide[0] == lines[0][0];
}
