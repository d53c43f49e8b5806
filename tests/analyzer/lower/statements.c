/* Every statement, headers with absent parts, jumps in and out. */
void step(int n);
int more(void);

int loops(int n)
{
    int s = 0;

    for (;;)
        if (s++ > n)
            break;
    for (; s < n;)
        s += 2;
    for (int i = 0;; i++)
        if (i == n)
            break;
    for (int i = 0; i < 3;)
        i++;
    for (;; s--) {
        if (s == 4)
            continue;
        if (!s)
            break;
    }
    do
        s--;
    while (s > 0 && n);
    while (more())
        step(s);
    return s;
}

int choose(int n)
{
    switch (n) {
        int unreached;
    case 1:
        unreached = 2;
        step(unreached);
        /* fall through */
    case 2 ... 4:
        n = 3;
        break;
    default:
        if (n) {
    case 9:
            n++;
        }
    }
    switch (more())
    case 7:
        step(7);
    return n;
}

int jumps(int n)
{
again:
    if (n > 3) {
        n--;
        goto again;
    }
    if (n == 2)
        goto out;
    step(n);
out:
    return n;
}

void computed(int n)
{
    static void *const where[] = { &&first, &&second };

    goto *where[n];
first:
    step(1);
second:
    step(2);
}

int nothing_after(int n)
{
    if (n)
        return 1;
    else
        return 2;
    step(n);
}

void endless(void)
{
    for (;;)
        ;
}
