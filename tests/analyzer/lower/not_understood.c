/* What cannot be expressed is said. */
typedef struct { long words[8]; } jmp_buf_t;
int setjmp(void *env);
_Noreturn void fatal(void);

int assembly(int n, int *p)
{
    int r;

    __asm__ volatile("" ::: "memory");
    __asm__ volatile("mov %1, %0" : "=r"(r) : "r"(n), "r"(p));
    return r;
}

int nonlocal(jmp_buf_t *env)
{
    if (setjmp(env))
        fatal();
    return 0;
}
